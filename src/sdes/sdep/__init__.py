"""SDEP, the Secure Data Exchange Portal: communications between two companies, with attachments (SD Part B).

Communication: one matter between two companies under one process type, with a reference (SC and eight digits).
Party: one company's view of it. Message: one numbered text in it, with its attachments. Level: whose turn it is in the
recipient's hierarchy. Draft: what somebody typed and has not sent. Only people assigned to its process type may enter.
"""
