"""The worker: what runs outside a request. It imports `sdes`; nothing of `sdes` imports it."""
