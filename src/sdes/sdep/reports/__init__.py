"""Reports of the portal without the database: which there are, what they are asked for, how a chart is laid out.

A company's reports (SD 12.1) are for holders of the system function and tell of the whole company, whatever process
types the reader is assigned to. The Code Manager's (SD 12.2) tell numbers of messages, never their words.
"""
