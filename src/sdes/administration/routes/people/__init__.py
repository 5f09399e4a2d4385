"""The doors to the people of a company: one by one, by upload and as files."""

from sdes.administration.routes.people import credentials, files, index, leaving, new, person, uploads

handlers = [
    index.index,
    new.new,
    new.add,
    person.show,
    person.change_details,
    person.grant,
    person.assign,
    credentials.new_password,
    credentials.without_second_factor,
    credentials.verification,
    leaving.ask_suspension,
    leaving.suspend,
    leaving.reinstate,
    leaving.ask_deletion,
    leaving.delete,
    uploads.show,
    uploads.send,
    uploads.preview,
    uploads.apply,
    uploads.drop,
    uploads.result_csv,
    uploads.result_xlsx,
    files.export_csv,
    files.export_xlsx,
    files.template_csv,
    files.template_xlsx,
]
