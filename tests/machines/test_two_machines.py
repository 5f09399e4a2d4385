"""Whatever somebody begins at one machine goes on at the other: nothing of it is kept in a process."""

import os
import re

import httpx
import pytest

from tests.browser.sites import until
from tests.machines.conftest import Park
from tests.support.people import hidden

pytestmark = pytest.mark.drill

ASHA, NILS, CLEO, BEN = (
    "asha@brightwatt.example",
    "nils@northgrid.example",
    "cleo@calder.example",
    "ben@brightwatt.example",
)
LIST = "/sdep/communications"


def test_somebody_signs_in_at_one_goes_on_at_the_other_and_signs_out_of_both(park: Park) -> None:
    ben = park.visitor(BEN, at=park.a)
    page = ben.get(LIST, at=park.b)
    assert page.status_code == 200
    out = ben.post("/sign-out", {"csrf_token": hidden(page.text, "csrf_token")}, at=park.b)
    assert out.status_code == 303
    assert ben.get(LIST, at=park.a).headers["Location"].startswith("/sign-in")


def test_nginx_asks_both_and_tells_them_that_it_is_https(park: Park) -> None:
    asha = park.visitor()
    before = len(park.proxy.served())
    assert asha.sign_in(ASHA).status_code == 303
    for _ in range(4):
        assert asha.get(LIST).status_code == 200
    until(lambda: len(park.proxy.served()) >= before + 6, "nginx has logged it")
    asked = {by for request in park.proxy.served()[before:] for by in request.by}
    assert asked == {f"127.0.0.1:{machine.port}" for machine in park.machines}
    assert all(name.startswith("__Host-") for name in asha.cookies), asha.cookies
    assert "max-age" in asha.get("/sign-in").headers["Strict-Transport-Security"]


def test_plain_http_is_sent_on_to_https(park: Park) -> None:
    answer = httpx.get(f"http://127.0.0.1:{park.proxy.plain_port}/sign-in", headers={"Host": "localhost"})
    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://localhost/sign-in"


def test_a_message_sent_at_one_is_told_of_by_the_other(park: Park) -> None:
    asha, nils = park.visitor(ASHA, at=park.a), park.visitor(NILS, at=park.b)
    reference = asha.send("From one machine", park.ids(), {}, at=park.a)
    opened = nils.get(f"{LIST}/{reference}", at=park.b)
    polls = [
        re.findall(rf'hx-get="({path}[^"]*)"', opened.text)[0].replace("&amp;", "&")
        for path in (r"/notifications/bell\?", f"{LIST}/{reference}/news")
    ]
    assert [nils.get(poll, at=park.b).status_code for poll in polls] == [204, 204]
    assert asha.reply(reference, "One word more.", at=park.a).status_code == 303
    bell, news = (nils.get(poll, at=park.b) for poll in polls)
    assert (bell.status_code, news.status_code) == (200, 200)
    assert "1 new message" in news.text


def test_a_form_drawn_by_one_is_taken_by_the_other(park: Park) -> None:
    asha = park.visitor(ASHA, at=park.a)
    reference = asha.send("A form", park.ids(), {}, at=park.a)
    here = f"{LIST}/{reference}"
    token = hidden(asha.get(here, at=park.a).text, "csrf_token")
    sent = asha.post(f"{here}/messages", {"csrf_token": token, "text": "Drawn elsewhere."}, at=park.b)
    assert sent.status_code == 303, sent.text
    ben = park.visitor(BEN, at=park.b)
    assert ben.post(f"{here}/messages", {"csrf_token": token, "text": "Not mine."}, at=park.b).status_code == 403


def test_a_file_comes_in_at_one_and_goes_out_at_the_other(park: Park) -> None:
    asha, nils = park.visitor(ASHA, at=park.a), park.visitor(NILS, at=park.b)
    content = os.urandom(40_000).hex().encode()
    virus = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    reference = asha.send("A file", park.ids(), {"reading.txt": content, "evil.txt": virus}, at=park.a)
    until(lambda: set(park.b.states(reference)) == {"clean", "failed"}, "a worker has checked the files")
    here = f"{LIST}/{reference}/attachments/"
    found = re.search(rf"{here}[0-9a-f-]{{36}}", nils.get(f"{LIST}/{reference}", at=park.b).text)
    assert found
    assert nils.get(found[0], at=park.b).content == content
    assert nils.get(found[0]).content == content, "through nginx"
    assert not list(park.a.home.glob("blobs/*/*")) + list(park.b.home.glob("blobs/*/*")), "no machine keeps files"


def test_wrong_passwords_count_wherever_they_are_tried(park: Park) -> None:
    stranger = park.visitor()
    tried = [stranger.sign_in(CLEO, "not my password", at=park.machines[n % 2]).status_code for n in range(5)]
    assert tried == [422] * 5
    for machine in park.machines:
        assert stranger.sign_in(CLEO, at=machine).status_code == 429, "three at one and two at the other lock both"


def test_both_have_the_same_stylesheet_at_the_same_address(park: Park) -> None:
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', park.visitor().get("/sign-in", at=park.a).text))
    assert addresses
    for address in addresses:
        one, other = (park.visitor().get(address, at=machine) for machine in park.machines)
        assert one.status_code == other.status_code == 200, address
        assert one.content == other.content


def test_what_one_machine_s_release_does_not_have_is_asked_of_the_other(park: Park) -> None:
    visitor, path = park.visitor(), "/static/of-another-release/sdes.css"
    assert visitor.get(path).status_code == 404
    until(lambda: park.proxy.served(path), "nginx has logged it")
    assert len(set(park.proxy.served(path)[0].by)) == 2


@pytest.mark.parametrize("path", ["/metrics", "/metrics/"])
def test_the_figures_for_operators_are_not_for_visitors(park: Park, path: str) -> None:
    assert park.visitor().get(path).status_code == 404
    until(lambda: park.proxy.served(path), "nginx has logged it")
    assert park.proxy.served(path)[0].by == ("-",)
