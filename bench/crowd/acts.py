"""What people do, how often each, and in which steps."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import accumulate
from random import Random
from urllib.parse import urlencode
from uuid import uuid4

from bench.crowd import asking
from bench.crowd.asking import WHOLE, holding, telling
from bench.crowd.browser import Browser
from bench.visitor import LIST

TYPING = 5.0  # seconds from one step of a form to the next
TEXT = "We have looked at the readings and agree with the date of the transfer. Please find our view below. " * 6
_MPAN = "1200000000128"
_LISTS = {"": 70, "?folder=mine": 15, "?folder=ours": 10, "?folder=archive": 5}
_FILTERS = ("side=sent", "due=overdue", "due=ours", "owner=none", "owner=me", "tag=urgent")
_SEARCHES = ("kestrel", "heron", "customer meter", "")  # the last stands for somebody's supply number
_PAGED = 0.1  # how many lists are the page after the one before

Done = Callable[[int, bytes, bytes], None]
Act = Callable[[Browser, Random, float], None]


def look_at_list(browser: Browser, random: Random, due: float) -> None:
    """The list of communications, of which one in ten is the next page of it."""
    query = random.choices(list(_LISTS), list(_LISTS.values()))[0]
    path = f"{LIST}{query}"
    if browser.following and random.random() < _PAGED:
        path = browser.following

    def seen(status: int, head: bytes, body: bytes) -> None:
        browser.opened(body)
        browser.following = _following(body)

    browser.ask("list", asking.get(path, browser.cookie), due, holding(b'id="results"', WHOLE), seen)


def look_at_details(browser: Browser, random: Random, due: float, reference: str = "") -> None:
    """One communication with its thread."""
    reference = reference or random.choice(browser.person.references)

    def seen(status: int, head: bytes, body: bytes) -> None:
        browser.opened(body)
        browser.reference = reference

    data = asking.get(f"{LIST}/{reference}", browser.cookie)
    browser.ask("details", data, due, holding(reference.encode(), b'id="thread"', WHOLE), seen)


def narrow(browser: Browser, random: Random, due: float) -> None:
    """The list, narrowed by a choice: its rows alone."""
    data = asking.fetch(f"{LIST}?{random.choice(_FILTERS)}", browser.cookie)
    browser.ask("filter", data, due, holding(b'id="results"'))


def search(browser: Browser, random: Random, due: float) -> None:
    """The list, searched for a word or a supply number."""
    words = random.choice(_SEARCHES) or f"12{random.randrange(1, 20_000):011}"
    data = asking.fetch(f"{LIST}?{urlencode({'q': words})}", browser.cookie)
    browser.ask("search", data, due, holding(b'id="results"'))


def reply(browser: Browser, random: Random, due: float) -> None:
    _answer(browser, random, due, has_file=False)


def reply_with_file(browser: Browser, random: Random, due: float) -> None:
    _answer(browser, random, due, has_file=True)


def send(browser: Browser, random: Random, due: float) -> None:
    _start(browser, random, due, has_file=False)


def send_with_file(browser: Browser, random: Random, due: float) -> None:
    _start(browser, random, due, has_file=True)


def download(browser: Browser, random: Random, due: float) -> None:
    """A file of a communication."""
    if not browser.person.files:
        return look_at_details(browser, random, due)
    reference, file, size = random.choice(browser.person.files)
    data = asking.get(f"{LIST}/{reference}/attachments/{file}", browser.cookie)
    return browser.ask("download", data, due, asking.file_of(size))


def sign_in(browser: Browser, random: Random, due: float) -> None:
    """Somebody goes, every second of them by signing out; somebody comes, and begins with the list."""

    def arrived(status: int, head: bytes, body: bytes) -> None:
        browser.ask("list", asking.get(LIST, browser.cookie), _now(), holding(b'id="results"', WHOLE), listed)

    def listed(status: int, head: bytes, body: bytes) -> None:
        browser.opened(body)

    def entered(status: int, head: bytes, body: bytes) -> None:
        browser.cookie = asking.cookies(_token(head))
        browser.ask("start", asking.get("/", browser.cookie), _now(), telling(303, b"location: /sdep"), arrived)

    if random.random() < 0.5:
        data = asking.sign_out(browser.person, browser.cookie)
        browser.ask("sign-out", data, due, telling(303, b"location: /sign-in"))
    browser.ask("sign-in", asking.sign_in(browser.person), due, telling(303, b"set-cookie: sdes="), entered)


def _answer(browser: Browser, random: Random, due: float, *, has_file: bool) -> None:
    """A reply to what is open: the page has kept it as a draft before it is sent."""
    reference = browser.reference
    if not reference:
        return look_at_details(browser, random, due)
    draft = str(uuid4())
    mark = f"Reply {draft}"
    fields = {"reference": reference, "text": f"{mark}. {TEXT}", "tag": ""}

    def sent(status: int, head: bytes, body: bytes) -> None:
        browser.looked_at(body)

    def go() -> None:
        data = asking.message(browser.person, browser.cookie, f"{LIST}/{reference}/messages", draft, fields,
                              has_file=has_file)  # fmt: skip
        kind = "reply with file" if has_file else "reply"
        browser.ask(kind, data, due + TYPING, holding(b'id="thread"', mark.encode()), sent)

    data = asking.draft(browser.person, browser.cookie, draft, fields)
    browser.ask("draft", data, due, holding(b"Draft saved"))
    asyncio.get_running_loop().call_at(due + TYPING, go)
    return None


def _start(browser: Browser, random: Random, due: float, *, has_file: bool) -> None:
    """A new communication: the form, what it asks for, a draft, the sending, and then its page. Distributors, whose
    processes ask for more, answer instead."""
    if not browser.person.sends:
        return _answer(browser, random, due, has_file=has_file)
    participant, process, recipients = random.choice(browser.person.sends)
    draft = str(uuid4())
    chosen = {"sender": str(participant), "process": str(process)}
    fields = {
        **chosen,
        "recipient": str(random.choice(recipients)),
        "mpan": _MPAN,
        "subject": f"A question of the load {draft}",
        "text": TEXT,
        "tag": "",
    }

    def sent(status: int, head: bytes, body: bytes) -> None:
        start = head.index(f"{LIST}/SC".encode()) + len(LIST) + 1
        look_at_details(browser, random, _now(), head[start : start + 10].decode())

    def fill() -> None:
        path = f"{LIST}/new/fields?{urlencode({**chosen, 'draft_id': draft})}"
        browser.ask("form", asking.fetch(path, browser.cookie), due + TYPING, holding(b'name="mpan"'))

    def keep() -> None:
        data = asking.draft(browser.person, browser.cookie, draft, fields)
        browser.ask("draft", data, due + 2 * TYPING, holding(b"Draft saved"))

    def go() -> None:
        data = asking.message(browser.person, browser.cookie, LIST, draft, fields, has_file=has_file)
        kind = "send with file" if has_file else "send"
        browser.ask(kind, data, due + 3 * TYPING, telling(204, b"sent=1"), sent)

    data = asking.get(f"{LIST}/new", browser.cookie)
    browser.ask("form", data, due, holding(b'id="new-form"', WHOLE), lambda status, head, body: browser.opened(body))
    loop = asyncio.get_running_loop()
    for step, act in enumerate((fill, keep, go), start=1):
        loop.call_at(due + step * TYPING, act)
    return None


def _following(body: bytes) -> str:
    end = body.rfind(b'" rel="next"')
    return body[body.rfind(b'"', 0, end) + 1 : end].decode().replace("&amp;", "&") if end > 0 else ""


def _token(head: bytes) -> str:
    start = head.index(b"set-cookie: sdes=") + 17
    return head[start : head.index(b";", start)].decode()


def _now() -> float:
    return asyncio.get_running_loop().time()


SHARES: dict[str, tuple[Act, float]] = {  # of a hundred acts of people; the page's own polls come beside them
    "list": (look_at_list, 35.0),
    "details": (look_at_details, 30.0),
    "filter": (narrow, 5.0),
    "search": (search, 5.0),
    "reply": (reply, 5.0),
    "reply-with-file": (reply_with_file, 2.0),
    "send": (send, 1.5),
    "send-with-file": (send_with_file, 0.5),
    "download": (download, 3.0),
}


class Mix:
    """Acts as often as their shares say, of all kinds or of some alone."""

    def __init__(self, random: Random, only: Sequence[str] = ()) -> None:
        chosen = [SHARES[name] for name in only or SHARES]
        self._random = random
        self._acts = [act for act, _ in chosen]
        self._up_to = list(accumulate(share for _, share in chosen))

    def one(self, browser: Browser, due: float) -> None:
        """The browser's person does one of them."""
        self._random.choices(self._acts, cum_weights=self._up_to)[0](browser, self._random, due)
