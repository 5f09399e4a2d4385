"""One sign-in with the Electricity Enquiry Service, both ways, by OpenID Connect (SD 2.2, 2.4).

Client: a service that sends people to us to find out who they are. Grant: one person's sign-in at one client: a code,
exchanged once for a token. Identity provider: where people sign in instead of here, be it the enquiry service's for
everybody or a company's own directory for its people. Issuer: the address that an identity provider goes by.
Anybody may knock at the doors of the protocol; the provider registers clients, a MAU its company's own directory.
"""
