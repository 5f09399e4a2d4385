"""The doors of administration, by what is dealt with; what several of them use lies beside."""

from litestar import Router

from sdes.administration.routes import api, audit, catalogue, companies, matrix, own_company, people
from sdes.administration.routes.api import reference

router = Router(
    path="/",
    route_handlers=[
        *people.handlers,
        *own_company.handlers,
        *matrix.handlers,
        *companies.handlers,
        *catalogue.handlers,
        audit.index,
        audit.export_csv,
        audit.export_xlsx,
        reference.description,
        reference.reference,
        api.router,
    ],
)
