"""The doors by which companies are taken on and looked after: their participants, their Master Admin Users."""

from sdes.administration.routes.companies import companies, master_admins, participants

handlers = [
    companies.index,
    companies.new,
    companies.open_company,
    companies.show,
    companies.rename,
    companies.set_accession,
    companies.qualify,
    participants.add,
    participants.show,
    participants.change,
    participants.remove,
    master_admins.show,
    master_admins.appoint,
    master_admins.reset,
]
