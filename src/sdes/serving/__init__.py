"""Serving the web application: where it listens, over which TLS, behind which proxies, in how many processes.

`options` is its command line, `processes.serve` serves, `listening.checked` says what may not be served, `certificates`
holds the keys and TLS versions, `proxies` whose word is believed about where a request came from. Of one connection,
`connections` says how long one may be held without asking and how long a header may be, `pace` how slowly a body may
come, `refusals` what is said then, `leaving` what becomes of a request whose sender has gone. `server` is one process
from its start to its orderly end, `closing` how its door closes.
"""
