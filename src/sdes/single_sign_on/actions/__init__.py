"""Writes of the one sign-in: keys, clients, grants; identity providers and the sign-ins begun at them."""
