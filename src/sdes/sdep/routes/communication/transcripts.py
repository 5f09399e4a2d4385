"""The transcripts of ticked communications as one .zip, with a list of what is in it and what is not."""

import asyncio
from collections.abc import Iterable, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from litestar import Response

from sdes.actor import Actor
from sdes.kit.spreadsheets import csv_lines
from sdes.sdep.actions import bulk
from sdes.sdep.actions.history import record
from sdes.sdep.exports.transcript import transcript
from sdes.sdep.queries import details
from sdes.sdep.ticks import Tick
from sdes.sdep.views import CommunicationView

CONTENTS = "contents.csv"


async def transcripts(actor: Actor, ticks: Sequence[Tick]) -> Response[bytes]:
    """A transcript of each communication that exists for the actor, recorded in its history (SD 11.1(b)vii, SL 9).
    Texts only: the whole is held in memory, compressed."""
    whole = BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED) as archive:

        async def add(view: CommunicationView, tick: Tick) -> str:
            name = f"{view.reference}-transcript.csv"
            rows = transcript(view, await details.messages(actor, view))
            await record(actor, "sdep.transcript.downloaded", view)
            await asyncio.to_thread(archive.writestr, name, "".join(csv_lines(rows)))
            return name

        outcomes = await bulk.each(actor, ticks, add)
        archive.writestr(CONTENTS, "".join(csv_lines(_contents(outcomes))))
    headers = {"Content-Disposition": 'attachment; filename="transcripts.zip"', "Cache-Control": "no-store"}
    return Response(whole.getvalue(), status_code=200, media_type="application/zip", headers=headers)


def _contents(outcomes: Iterable[bulk.Outcome]) -> Iterable[tuple[str, ...]]:
    yield "Reference", "Subject", "File", "Why not"
    for one in outcomes:
        yield one.reference, one.subject, *((one.text, "") if one.is_done else ("", one.text))
