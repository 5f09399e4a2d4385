"""Backups: the whole house (database, sealed files, wrapped keys, list of deletions) put by, and built up again from it
(SD 7.2, 8.3, 14.4).

Glossary. A *shelf* is a folder that holds backups; a *backup* is a folder on it, named after its time; the *files* of
all backups of a shelf lie beside them once; the *roll* is who may sign in and with what, written beside the files every
minute, by which a restored house takes away again what had been taken away since. The master key is never part of a
backup: without it a backup says nothing. Everything here is done with the owner's login, by an operator or the worker,
beside the running service.

`taking.take` makes one, `checking.checked` reads one whole, `restoring.restore` builds up an empty house from one,
`rolls.keep` writes the roll and `rolls.newest` finds it.
"""
