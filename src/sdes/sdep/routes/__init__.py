"""The doors of the portal."""

from litestar import Router

from sdes.sdep.routes import attachments, communications, drafts, messages, sending

router = Router(
    path="/sdep",
    route_handlers=[
        communications.index,
        communications.show,
        communications.show_attachments,
        communications.show_audit,
        communications.transcript,
        messages.add,
        messages.files,
        attachments.download_one,
        attachments.download_all,
        sending.new,
        sending.fields,
        sending.send,
        drafts.index,
        drafts.open_draft,
        drafts.save,
        drafts.discard,
        drafts.remove_file,
    ],
)
