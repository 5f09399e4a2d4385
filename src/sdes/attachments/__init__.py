"""Attachments: received, sealed, virus checked and streamed out. No URL of its own: a record that owns them has it.

Glossary (SD 8.4, 11.1(g)):
*pending*: received and sealed, not yet positively checked; only its name is shown.
*clean*: the virus check has looked at all of it, in archives at every member, and found nothing; it may be downloaded.
*failed*: something was found in it, or not all of it can be looked at; content and key are destroyed, its name stays.

Keep this file without imports: the process that opens hostile archives loads it.
"""
