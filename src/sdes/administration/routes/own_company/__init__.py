"""The doors to what a Master Admin User decides for the whole company: its settings, the keys of its programs."""

from sdes.administration.routes.own_company import api_keys, settings

handlers = [
    settings.show,
    settings.change,
    api_keys.index,
    api_keys.make,
    api_keys.ask_revocation,
    api_keys.revoke,
]
