"""The page of the demo's mails, which everybody may read; a service that is not a demo has no such page."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get
from litestar.params import FromQuery

from sdes.accounts.entrance import AnyRequest
from sdes.kit.forms import without_control_characters
from sdes.kit.numbers import whole_number
from sdes.kit.rendering import page
from sdes.mail.layout import blocks_of
from sdes.mail.queries import demo_mails
from sdes.permissions import Permission

PATH = "/demo/mail"


@get(PATH, name="demo.mail", opt={"permission": Permission.ANYONE})
async def show(request: AnyRequest, to: FromQuery[str] = "", before: FromQuery[str] = "") -> Response[Any]:
    """The mails that the demo has kept, newest first; `to` is part of an address, `before` where a page begins."""
    to = without_control_characters(to).strip()[:254]
    below = whole_number(before, 18)
    mails, are_older = await demo_mails(to, below)
    site = request.app.state.settings.public_url.rstrip("/")
    return page(
        request,
        "templates/demo_mail.html",
        mails=[(mail, blocks_of(mail.text, site)) for mail in mails],
        site=site,
        to=to,
        newest_href=_href(to) if below else None,
        older_href=_href(to, mails[-1].id) if are_older else None,
    )


def _href(to: str, before: int | None = None) -> str:
    words = {**({"to": to} if to else {}), **({"before": before} if before else {})}
    return f"{PATH}?{urlencode(words)}" if words else PATH


router = Router(path="/", route_handlers=[show])
