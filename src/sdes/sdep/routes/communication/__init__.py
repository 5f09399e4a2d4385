"""The doors of one communication as its readers see it: its thread and tabs, its files, its transcript, its print."""

from sdes.sdep.routes.communication import attachments, news, printing, thread

handlers = [
    thread.show,
    thread.show_attachments,
    thread.show_audit,
    thread.transcript,
    printing.show,
    news.news,
    news.messages,
    attachments.download_one,
    attachments.download_all,
]
