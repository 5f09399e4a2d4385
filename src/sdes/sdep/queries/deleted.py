"""What is left of a communication that was deleted, for those who could have seen it (SD 13.1, 14.4)."""

import json

from sdes.actor import Actor
from sdes.catalogue.views import FUELS, process_title
from sdes.kit import clock
from sdes.kit.errors import NotFound
from sdes.sdep.access import deleted_visible_to
from sdes.sdep.tables import DeletedCommunication
from sdes.sdep.views import DeletedView

_ONE = """
SELECT d.reference, coalesce(d.facts -> 'process', to_jsonb(t)) AS process, sc.name AS sender_company,
       rc.name AS recipient_company, d.created_at, d.archived_at, d.deleted_at,
       jsonb_array_length(d.facts -> 'messages') AS message_count
  FROM deleted_communication d
  JOIN process_type t ON t.id = d.process_type
  JOIN company sc ON sc.id = d.companies[1] JOIN company rc ON rc.id = d.companies[2]
 WHERE {} AND d.reference = {}
"""


async def deleted_communication(actor: Actor, reference: str) -> DeletedView:
    """The facts of the deleted communication of that reference; `NotFound` when there is none for the actor."""
    is_one = reference.isalnum()
    rows = await DeletedCommunication.raw(_ONE, deleted_visible_to(actor).querystring, reference) if is_one else []
    if not rows:
        raise NotFound("There is no such communication, or it is not one of yours.")
    row = rows[0]
    process = json.loads(row["process"])  # in the words of when it was deleted
    return DeletedView(
        reference=row["reference"],
        process_title=process_title(process["title"], process["contact_type"]),
        fuel=FUELS[process["fuel"]],
        sender_company=row["sender_company"],
        recipient_company=row["recipient_company"],
        created_at=clock.local(row["created_at"]),
        archived_at=clock.local(row["archived_at"]),
        deleted_at=clock.local(row["deleted_at"]),
        message_count=row["message_count"],
    )
