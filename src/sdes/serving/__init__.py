"""Serving the web application: where it listens, over which TLS, behind which proxies, in how many processes.

`options` is its command line, `processes.serve` serves, `listening.checked` says what may not be served, `certificates`
holds the keys and TLS versions, `proxies` whose word is believed about where a request came from, `connections` how
long one may be held without asking, `server` one process from its start to its orderly end.
"""
