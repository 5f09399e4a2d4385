"""The page of a communication that is no longer there: when it was deleted, and its audit history (SD 13.1, 14.4)."""

from litestar import Response
from litestar.status_codes import HTTP_410_GONE

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.auditlog.queries import entries_about
from sdes.kit.rendering import page
from sdes.sdep.queries.deleted import deleted_communication
from sdes.sdep.routes.pages import side_words
from sdes.sdep.thread import audit_rows


async def deleted_page(request: AnyRequest, reference: str) -> Response[str]:
    """What is left of it, for those who could have seen it; `NotFound` for everybody else."""
    actor = actor_of(request)
    deleted = await deleted_communication(actor, reference)
    audit = audit_rows(await entries_about(actor, reference), {})
    side = await side_words(actor, "")
    return page(request, "templates/sdep/deleted.html", HTTP_410_GONE, deleted=deleted, audit=audit, **side)
