"""The ways in that the sign-in page offers beside e-mail and password."""

from urllib.parse import urlencode

from sdes.accounts.other_ways import OtherWay
from sdes.single_sign_on.queries import enabled_providers
from sdes.single_sign_on.views import Provider


def way_to(provider: Provider, next: str = "") -> str:
    """The address at which a sign-in at the provider begins."""
    words = {"provider": str(provider.id), **({"next": next} if next not in ("", "/") else {})}
    return f"/sign-in/with?{urlencode(words)}"


async def ways_in(next: str) -> list[OtherWay]:
    """The enquiry service's sign-in by name, and one word for all companies' own."""
    providers = await enabled_providers()
    ways = [OtherWay(f"Sign in with {one.name}", way_to(one, next)) for one in providers if one.is_enquiry_service]
    if any(one.company_id for one in providers):
        words = urlencode({"next": next}) if next not in ("", "/") else ""
        ways.append(OtherWay("Use your company's sign-in", f"/sign-in/elsewhere{'?' + words if words else ''}"))
    return ways
