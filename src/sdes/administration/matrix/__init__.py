"""Who is assigned where, as check boxes: what was shown, what was ticked, and what others changed meanwhile. Pure."""
