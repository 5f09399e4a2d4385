"""Files of a message after it was sent: pending, then passed or failed, and who may have which (SD 8.4, 11.1(g))."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sdes.attachments.scanner import Scanner
from sdes.attachments.vault import Vault
from sdes.kit import db
from tests.attachments.samples import eicar, seven, zipped
from tests.support.communications import attachment, checked, count, filled, post_new, replied, sent, told
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

PLAN = b"The plan of 4 Mill Lane.\n" * 40_000  # about 1 MB: more than one sealed piece
LIST = "/sdep/communications"


def address(reference: str, file: object) -> str:
    return f"{LIST}/{reference}/attachments/{file}"


@pytest.mark.spec("SD 8.4")
@pytest.mark.spec("SD 8.4(a)")
async def test_a_file_that_waits_is_named_marked_and_not_given_to_anybody(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, [("plan.txt", PLAN)])
    row = await attachment("plan.txt")
    assert row["state"] == "pending"
    for browser in (asha, nils):
        for page in ("", "/attachments"):
            html = (await browser.get(f"{LIST}/{reference}{page}")).text
            assert "plan.txt" in html
            assert "Virus check pending" in html or ">Pending<" in html
            assert f"attachments/{row['id']}" not in html
            assert "attachments.zip" not in html
        answer = await browser.get(address(reference, row["id"]))
        assert (answer.status_code, told(answer)) == (
            409,
            ["This file has not passed the virus check, so it cannot be downloaded."],
        )
        answer = await browser.get(f"{LIST}/{reference}/attachments.zip")
        assert (answer.status_code, told(answer)) == (
            409,
            ["No file of this communication has passed the virus check, so there is nothing to download."],
        )
    assert await count("audit_entry", "event = 'sdep.attachment.downloaded'") == 0


@pytest.mark.spec("SD 8.4")
@pytest.mark.spec("SD 8.4(c)")
@pytest.mark.spec("SD 11.1(b)viii")
async def test_a_file_that_passed_is_given_to_both_byte_for_byte(
    asha: Browser, nils: Browser, vault: Vault, scanner: Scanner
) -> None:
    reference = await sent(asha, [('Plän "4".txt', PLAN)])
    await checked(vault, scanner)
    row = (await db.fetch("SELECT * FROM attachment"))[0]
    assert row["state"] == "clean"
    for browser in (asha, nils):
        assert "Passed" in (await browser.get(f"{LIST}/{reference}/attachments")).text
        html = (await browser.get(f"{LIST}/{reference}")).text
        assert f'href="{address(reference, row["id"])}"' in html
        answer = await browser.get(address(reference, row["id"]))
        assert answer.content == PLAN
        headers = answer.headers
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-length"] == str(len(PLAN))
        disposition = headers["content-disposition"]
        assert disposition.startswith('attachment; filename="')
        assert disposition.endswith("filename*=UTF-8''Pl%C3%A4n%20%224%22.txt")
        assert headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    entries = await db.fetch("SELECT person_name, detail FROM audit_entry WHERE event = 'sdep.attachment.downloaded'")
    assert [(entry["person_name"], entry["detail"]) for entry in entries] == [
        ("Asha Rahman", f"{{file:{row['id']}}}"),
        ("Nils Andersen", f"{{file:{row['id']}}}"),
    ], "the log outlives the file: it does not keep its name"
    history = (await nils.get(f"{LIST}/{reference}/audit")).text
    assert "Virus check passed" in history
    assert history.count("Plän &#34;4&#34;.txt") == 3, "the file's name, as long as it is there"


INFECTED: dict[str, Callable[[], bytes]] = {
    "plain.txt": eicar,
    "packed.zip": lambda: zipped({"fine.txt": b"fine", "deep/eicar.txt": eicar()}),
    "packed.7z": lambda: seven({"eicar.txt": eicar()}),
    "twice.zip": lambda: zipped({"inner.zip": zipped({"eicar.txt": eicar()})}),
}


@pytest.mark.spec("SD 8.4(b)")
@pytest.mark.spec("SD 11.1(g)")
@pytest.mark.parametrize("name", INFECTED)
async def test_an_infected_file_is_destroyed_its_name_stays_and_its_sender_is_told(
    asha: Browser, nils: Browser, vault: Vault, scanner: Scanner, tmp_path: Path, name: str
) -> None:
    reference = await sent(asha, [("fine.txt", b"fine"), (name, INFECTED[name]())])
    blob = tmp_path / "blobs" / (await attachment(name))["blob"]
    assert blob.exists()
    await checked(vault, scanner)
    row = await attachment(name)
    assert (row["state"], row["wrapped_key"]) == ("failed", None)
    assert not blob.exists()
    assert (await attachment("fine.txt"))["state"] == "clean"

    alert = f"{name} failed the virus check"
    assert alert in (await asha.get(LIST)).text
    assert alert not in (await nils.get(LIST)).text
    for browser in (asha, nils):
        html = (await browser.get(f"{LIST}/{reference}")).text
        assert name in html
        assert "Failed virus check" in html
        assert f"attachments/{row['id']}" not in html
        assert "A virus was found in it" in html
        assert ">Failed<" in (await browser.get(f"{LIST}/{reference}/attachments")).text
        assert (await browser.get(address(reference, row["id"]))).status_code == 409
        archive = zipfile.ZipFile(io.BytesIO((await browser.get(f"{LIST}/{reference}/attachments.zip")).content))
        assert archive.namelist() == ["fine.txt"]
    entries = await db.fetch("SELECT * FROM audit_entry WHERE event = 'sdep.attachment.failed'")
    assert [(entry["subject"], entry["person_name"]) for entry in entries] == [(reference, "Virus check")]
    assert entries[0]["detail"] == f"{{file:{row['id']}}} failed the virus check"
    assert f"{name} failed the virus check" in (await asha.get(f"{LIST}/{reference}/audit")).text


@pytest.mark.spec("SD 11.1(g)")
async def test_a_file_that_failed_while_it_was_a_draft_s_is_not_sent(
    asha: Browser, vault: Vault, scanner: Scanner
) -> None:
    fields = await filled(subject="")
    await post_new(asha, fields, [("bad.txt", eicar())])
    await checked(vault, scanner)
    fields["subject"] = "Now with a subject"
    answer = await post_new(asha, fields)
    assert answer.status_code == 422
    assert told(answer)[0].startswith("bad.txt failed its virus check, so it cannot be sent. A virus was found in it")
    assert await count("communication") == 0
    file = (await attachment("bad.txt"))["id"]
    await asha.post(f"/sdep/drafts/{fields['draft_id']}/attachments/{file}/removal")
    assert (await post_new(asha, fields)).status_code == 303


async def test_a_file_that_passed_while_it_was_a_draft_s_is_sent_as_passed(
    asha: Browser, nils: Browser, vault: Vault, scanner: Scanner
) -> None:
    fields = await filled(subject="")
    await post_new(asha, fields, [("plan.txt", b"fine")])
    await checked(vault, scanner)
    answer = await post_new(asha, {**fields, "subject": "Now"})
    reference = answer.headers["location"].split("/")[-1].removesuffix("?sent=1")
    assert (await nils.get(address(reference, (await attachment("plan.txt"))["id"]))).content == b"fine"


async def test_a_locked_archive_that_is_only_found_locked_by_the_check_fails(
    asha: Browser, vault: Vault, scanner: Scanner
) -> None:
    reference = await sent(asha, [("locked.7z", seven({"a.txt": b"secret"}, password="secret"))])
    await checked(vault, scanner)
    row = await attachment("locked.7z")
    assert (row["state"], row["wrapped_key"]) == ("failed", None)
    assert "protected with a password" in (await asha.get(f"{LIST}/{reference}")).text


@pytest.mark.spec("SD 11.1(b)viii")
async def test_all_available_ones_come_as_one_zip_with_names_told_apart(
    asha: Browser, nils: Browser, vault: Vault, scanner: Scanner
) -> None:
    reference = await sent(asha, [("plan.txt", b"one"), ("Plan.txt", b"two"), ("bad.txt", eicar())])
    await replied(nils, reference, "Mine", [("plan.txt", PLAN), ("Grüße.csv", b"a,b\n")])
    await checked(vault, scanner)
    await replied(nils, reference, "Later", [("waits.txt", b"still pending")])
    for browser in (asha, nils):
        answer = await browser.get(f"{LIST}/{reference}/attachments.zip")
        assert answer.headers["content-type"] == "application/zip"
        assert f'filename="{reference}-attachments.zip"' in answer.headers["content-disposition"]
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert archive.testzip() is None
        names = archive.namelist()
        assert len({name.lower() for name in names}) == len(names) == 4
        assert sorted(archive.read(name) for name in names) == sorted([b"one", b"two", PLAN, b"a,b\n"])
        assert "Grüße.csv" in names
        assert {"plan (2).txt", "plan (3).txt"} <= {name.lower() for name in names}
    assert await count("audit_entry", "event = 'sdep.attachment.downloaded'") == 8


async def test_a_file_belongs_to_its_communication_alone(
    asha: Browser, nils: Browser, otto: Browser, vault: Vault, scanner: Scanner
) -> None:
    one, other = await sent(asha, [("plan.txt", b"one")]), await sent(asha, [("map.txt", b"other")])
    await checked(vault, scanner)
    plan = (await attachment("plan.txt"))["id"]
    assert (await nils.get(address(one, plan))).status_code == 200
    assert (await nils.get(address(other, plan))).status_code == 404
    assert (await otto.get(address(one, plan))).status_code == 404
    for wrong in ("0" * 32, "nonsense", "%00"):
        assert (await nils.get(address(one, wrong))).status_code == 404


async def test_a_draft_s_file_cannot_be_downloaded_by_anybody(
    asha: Browser, nils: Browser, vault: Vault, scanner: Scanner
) -> None:
    reference = await sent(asha)
    await post_new(asha, await filled(subject=""), [("plan.txt", b"kept")])
    await checked(vault, scanner)
    file = (await attachment("plan.txt"))["id"]
    for browser in (asha, nils):
        assert (await browser.get(address(reference, file))).status_code == 404


async def test_a_store_that_is_gone_is_told_before_the_first_byte(
    asha: Browser, vault: Vault, scanner: Scanner, tmp_path: Path
) -> None:
    reference = await sent(asha, [("plan.txt", b"x")])
    await checked(vault, scanner)
    row = await attachment("plan.txt")
    (tmp_path / "blobs" / row["blob"]).unlink()
    for path in (address(reference, row["id"]), f"{LIST}/{reference}/attachments.zip"):
        answer = await asha.get(path)
        assert answer.status_code == 503
        assert "The store of attachments does not answer" in told(answer)[0]
        assert answer.headers["retry-after"] == "30"
    assert await count("audit_entry", "event = 'sdep.attachment.downloaded'") == 0, "nothing was handed out"
