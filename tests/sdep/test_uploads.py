"""Files on their way in: what is taken, what is refused with which sentence, nothing half stays (SD 11.1(g))."""

from collections.abc import Callable
from html import escape

import pytest

from sdes.attachments import intake
from sdes.attachments.filetypes import TYPES
from sdes.attachments.scanner import Scanner
from sdes.attachments.vault import Vault
from sdes.database.demo_files import content_of
from sdes.kit import db
from tests.attachments.samples import as_encrypted, ole, random_bytes, seven, zipped
from tests.support.communications import checked, count, filled, post_new, post_reply, sent, told
from tests.support.people import HTMX, Browser

pytestmark = pytest.mark.anyio

MB = 1024 * 1024
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00" + bytes(60) + b"PE\0\0"
GOOD = ("good.txt", b"A good file.")

GENUINE: dict[str, Callable[[], bytes]] = {
    **{kind: lambda kind=kind: content_of(f"a.{kind}") for kind in TYPES},  # type: ignore[misc]
    "7z": lambda: seven({"a.txt": b"packed"}),
    "doc": lambda: ole("WordDocument"),
    "xls": lambda: ole("Workbook"),
    "gif": lambda: b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
}


async def names() -> list[str]:
    return [row["name"] for row in await db.fetch("SELECT name FROM attachment ORDER BY name")]


async def blobs(vault: Vault) -> int:
    return len([blob async for blob in vault.blobs.keys()])  # noqa: SIM118 (no dictionary)


@pytest.mark.spec("SD 11.1(g)")
async def test_the_fourteen_types_are_taken_checked_and_given_back(
    asha: Browser, nils: Browser, vault: Vault, scanner: Scanner
) -> None:
    files = {f"report.{kind}": make() for kind, make in GENUINE.items()}
    assert len(files) == 14
    reference = await sent(asha, files.items())
    await checked(vault, scanner)
    assert await names() == sorted(files)
    for row in await db.fetch("SELECT id, name, state FROM attachment"):
        assert row["state"] == "clean", row["name"]
        answer = await nils.get(f"/sdep/communications/{reference}/attachments/{row['id']}")
        assert answer.content == files[row["name"]], row["name"]


REFUSED = [
    ("setup.exe", PROGRAM, "setup.exe is of a type that cannot be attached. These can: "),
    ("page.html", b"<html>", "page.html is of a type that cannot be attached."),
    ("noextension", b"text", "noextension is of a type that cannot be attached."),
    ("invoice.pdf.exe", b"x", "invoice.pdf.exe is of a type that cannot be attached."),
    ("invoice.pdf", PROGRAM, "invoice.pdf is a program, not a PDF file. Programs cannot be attached."),
    ("script.txt", b"#!/bin/sh\nrm -rf /\n", "script.txt is a program, not a text file. Programs cannot be attached."),
    ("picture.png", b"\xff\xd8\xff\xe0", "picture.png is not a PNG image: its content does not match its name."),
    ("empty.csv", b"", "empty.csv is empty. Choose the file again, or leave it out."),
    (
        "locked.zip",
        as_encrypted(zipped({"a.txt": b"x"})),
        "locked.zip is protected with a password, so it cannot be virus checked."
        " Save it without the password and add it again.",
    ),
    (
        "half.zip",
        zipped({"a.txt": b"x" * 1000})[:60],
        "half.zip is damaged or not complete. Save it again and add it again.",
    ),
    ("...", b"x", "A file without a name cannot be attached. Give it a name and add it again."),
    ("big.txt", b"x" * (10 * MB + 1), "The files add up to more than 10 MB. Send some of them in another message."),
]


@pytest.mark.spec("SD 11.1(g)")
@pytest.mark.parametrize(("name", "content", "sentence"), REFUSED, ids=[name for name, _, _ in REFUSED])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
async def test_a_bad_file_is_refused_and_all_else_is_kept(
    asha: Browser, vault: Vault, name: str, content: bytes, sentence: str, headers: dict[str, str]
) -> None:
    answer = await post_new(asha, await filled(text="Kept words"), [GOOD, (name, content)], headers=headers)
    assert answer.status_code == 422
    assert len(told(answer)) == 1
    assert told(answer)[0].startswith(sentence)
    assert "Kept words</textarea>" in answer.text
    assert "good.txt" in answer.text
    assert await count("communication") == 0
    assert await names() == ["good.txt"]
    assert await blobs(vault) == 1
    assert await count("draft", "fields->>'text' = 'Kept words'") == 1


async def test_a_bad_file_of_a_reply_is_refused_too(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    answer = await post_reply(nils, reference, "Kept words", [("invoice.pdf", PROGRAM), GOOD])
    assert (answer.status_code, told(answer)) == (422, [REFUSED[4][2]])
    assert "Kept words</textarea>" in answer.text
    assert "good.txt" in answer.text
    assert await count("message") == 1


async def test_each_bad_file_has_its_own_sentence(asha: Browser) -> None:
    answer = await post_new(asha, await filled(), [("a.exe", b"x"), ("b.pdf", PROGRAM), ("c.txt", b"")])
    sentence = told(answer)[0]
    for name in ("a.exe", "b.pdf", "c.txt"):
        assert f"{name} is" in sentence


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("C:\\Users\\Asha\\plan.txt", "plan.txt"),
        ("../../../etc/plan.txt", "plan.txt"),
        ("x" * 300 + ".txt", "x" * 146 + ".txt"),
        ("pl\u202ean.txt", "plan.txt"),
        ("Plän 文字 😀.txt", "Plän 文字 😀.txt"),
        ("<b>plan</b>.txt", "b>.txt"),
        ('a"b;c.txt', 'a"b;c.txt'),
    ],
)
async def test_names_are_cleaned_and_the_file_is_taken(asha: Browser, name: str, kept: str) -> None:
    reference = await sent(asha, [(name, b"text")])
    assert await names() == [kept]
    assert escape(kept) in (await asha.get(f"/sdep/communications/{reference}")).text.replace("&#34;", "&quot;")


@pytest.mark.spec("SD 11.1(g)")
async def test_ten_megabytes_exactly_are_taken_in_one_file_or_two(asha: Browser) -> None:
    await sent(asha, [("whole.txt", b"x" * (10 * MB))])
    await sent(asha, [("half.txt", b"x" * (5 * MB)), ("other.txt", b"x" * (5 * MB))])
    assert await count("attachment", "size = $1", 10 * MB) == 1


@pytest.mark.spec("SD 11.1(g)")
async def test_files_that_are_too_much_together_are_refused(asha: Browser, vault: Vault) -> None:
    answer = await post_new(asha, await filled(), [("one.txt", b"x" * (6 * MB)), ("two.txt", b"x" * (6 * MB))])
    assert (answer.status_code, told(answer)) == (
        422,
        ["The files add up to more than 10 MB. Send some of them in another message."],
    )
    assert await names() == ["one.txt"]
    assert await blobs(vault) == 1


@pytest.mark.spec("SD 11.1(g)")
async def test_files_beyond_what_one_message_carries_are_not_kept(asha: Browser, vault: Vault) -> None:
    fields = await filled(subject="")
    await post_new(asha, fields, [("one.txt", b"x" * (6 * MB))])
    fields["subject"] = "Now with a subject"
    answer = await post_new(asha, fields, [("two.txt", b"x" * (6 * MB)), ("three.txt", b"fits")])
    assert (answer.status_code, told(answer)) == (
        422,
        ["Not kept, since the files of one message can add up to 10 MB: two.txt."],
    )
    assert "three.txt" in answer.text
    assert await count("attachment") == await blobs(vault) == 2
    file = (await db.fetch("SELECT id FROM attachment WHERE name = 'one.txt'"))[0]["id"]
    await asha.post(f"/sdep/drafts/{fields['draft_id']}/attachments/{file}/removal")
    assert (await post_new(asha, fields, [("two.txt", b"x" * (6 * MB))])).status_code == 303
    assert await names() == ["three.txt", "two.txt"]


async def test_what_is_far_too_much_is_not_read_to_its_end(
    asha: Browser, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "DRAIN", 11 * MB)
    answer = await post_new(asha, await filled(), [GOOD, ("big.txt", b"x" * (12 * MB))])
    assert answer.status_code == 413
    assert told(answer) == ["The files are far larger than the 10 MB that one message may carry. Nothing was saved."]
    assert await count("attachment") == await blobs(vault) == 0


async def test_more_than_a_hundred_files_are_refused(asha: Browser, vault: Vault) -> None:
    answer = await post_new(asha, await filled(), [(f"{n}.txt", b"x") for n in range(101)])
    assert (answer.status_code, told(answer)) == (
        413,
        ["More than 100 files cannot be sent at once. Put them into a .zip."],
    )
    assert await count("attachment") == await blobs(vault) == 0


async def test_two_files_of_one_name_are_both_sent(asha: Browser) -> None:
    await sent(asha, [("plan.txt", b"one"), ("plan.txt", b"two!")])
    assert await names() == ["plan.txt", "plan.txt"]
    assert await count("message_attachment") == 2


async def test_random_content_under_a_text_name_is_refused(asha: Browser) -> None:
    answer = await post_new(asha, await filled(), [("a.txt", b"\0" + random_bytes(500))])
    assert told(answer) == ["a.txt is not a text file: its content does not match its name."]
