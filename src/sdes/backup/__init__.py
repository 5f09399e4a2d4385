"""Backups: the whole house (database, sealed files, wrapped keys, list of deletions) put by, and built up again from it
(SD 7.2, 8.3, 14.4).

Glossary. A *shelf* is a folder that holds backups; a *backup* is a folder on it, named after its time; the *files* of
all backups of a shelf lie beside them once. The master key is never part of a backup: without it a backup says nothing.
Everything here is done by an operator with the owner's login, beside the running service.

`taking.take` makes one, `checking.checked` reads one whole, `restoring.restore` builds up an empty house from one.
"""
