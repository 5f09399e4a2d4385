"""The doors by which something is written: a new communication, a reply, drafts."""

from sdes.sdep.routes.writing import drafts, messages, sending

handlers = [
    sending.new,
    sending.fields,
    sending.send,
    messages.add,
    messages.files,
    drafts.index,
    drafts.open_draft,
    drafts.save,
    drafts.discard,
    drafts.remove_file,
]
