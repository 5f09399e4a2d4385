"""Companies and people: who may use the service, how they sign in, what they are assigned to (SD 2).

SDES User: a company (group) granted access. Authorised Person: an individual of it. MAU: its Master Admin User.
Use case: a process type at a level; people are assigned to use cases. Session: one sign-in, kept on the server.
"""
