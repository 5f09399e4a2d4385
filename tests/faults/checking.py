"""What must be true after every fault, read from the database and the store of files themselves."""

import asyncio
from collections import Counter
from typing import Any

from tests.faults.house import House
from tests.faults.numbered import Numbered, Sending

_MESSAGES = """
SELECT m.id, m.number, m.text, c.reference, c.id AS communication
  FROM message m JOIN communication c ON c.id = m.communication WHERE m.draft = %s
"""
_FILES = """
SELECT a.id, a.name, a.size, a.state, a.blob, a.wrapped_key, a.is_sent, cardinality(a.audience) AS companies
  FROM message_attachment m JOIN attachment a ON a.id = m.attachment WHERE m.message = %s ORDER BY a.name
"""
# each of these finds what is half there or double; the demo world and all that was sent are looked through
_FLAWS = {
    "a communication without its two parties": "SELECT c.reference FROM communication c WHERE 2 <> (SELECT count(*)"
    " FROM communication_party p WHERE p.communication = c.id)",
    "messages that are not counted": "SELECT c.reference FROM communication c WHERE c.message_count <> (SELECT count(*)"
    " FROM message m WHERE m.communication = c.id)",
    "a gap in the numbers": "SELECT communication FROM message GROUP BY communication HAVING max(number) <> count(*)",
    "a draft that was sent twice": "SELECT draft FROM message WHERE draft IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    "a file in two messages": "SELECT attachment FROM message_attachment GROUP BY 1 HAVING count(*) > 1",
    "a file that nothing holds": "SELECT a.name FROM attachment a WHERE NOT EXISTS (SELECT 1 FROM message_attachment m"
    " WHERE m.attachment = a.id) AND NOT EXISTS (SELECT 1 FROM draft_attachment d WHERE d.attachment = a.id)",
    "a file that its message does not show": "SELECT a.name FROM attachment a JOIN message_attachment m"
    " ON m.attachment = a.id WHERE NOT a.is_sent",
    "an act that was recorded twice": "SELECT subject, detail FROM audit_entry WHERE event IN"
    " ('sdep.communication.sent', 'sdep.message.added', 'sdep.attachment.passed') AND detail <> ''"
    " GROUP BY event, subject, detail HAVING count(*) > 1",
    "somebody who was told twice": "SELECT person, subject, number FROM notification WHERE number > 0"
    " GROUP BY person, subject, number, kind HAVING count(*) > 1",
}


class Checker:
    """Looks through the whole house."""

    def __init__(self, house: House) -> None:
        self.house = house

    def look_at(self, numbered: Numbered) -> None:
        """All that was written is there once and whole, all files pass their check, and nothing else is there."""
        house = self.house
        pending = "SELECT count(*) FROM attachment WHERE state = 'pending' AND name LIKE 'part-%%'"
        house.until(lambda: not house.count(pending), "every file has passed its check")
        for one in numbered.written:
            self._is_there_once(one)
        for flaw, sql in _FLAWS.items():
            assert not house.rows(sql), flaw
        self.nobody_was_mailed_twice()

    def nobody_was_mailed_twice(self) -> None:
        came = Counter(received.message["Message-ID"] for received in self.house.mail.received)
        assert None not in came
        assert not [one for one, times in came.items() if times > 1], "a mail went out twice"

    def _is_there_once(self, one: Sending) -> None:
        said = f"message {one.id}, after {one.errors}"
        rows = self.house.rows(_MESSAGES, one.draft_id)
        assert [(row["reference"], row["number"], row["text"]) for row in rows] == [
            (one.reference, one.number, one.text)
        ], said
        files = self.house.rows(_FILES, rows[0]["id"])
        assert [file["name"] for file in files] == sorted(one.files), said
        for file in files:
            assert (file["state"], file["is_sent"], file["companies"]) == ("clean", True, 2), said
            assert self._content(file) == one.files[file["name"]], said
        assert not self.house.rows("SELECT 1 FROM draft WHERE id = %s", one.draft_id), f"a draft is left of {said}"

    def _content(self, file: dict[str, Any]) -> bytes:
        async def read() -> bytes:
            pieces = self.house.vault().reading(file["id"], file["blob"], file["wrapped_key"], file["size"])
            return b"".join([piece async for piece in pieces])

        return asyncio.run(read())
