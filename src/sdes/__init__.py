"""SDES: the portal through which companies of the British retail energy market exchange what must not go by e-mail.

Foundations, lowest first: `kit` (knows nothing of energy), `permissions`, `actor`, `catalogue` (process types),
`auditlog`, `workingdays`, `accounts`, `attachments`. Products: `sdep` (communications). `app` joins them.
"""
