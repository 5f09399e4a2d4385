"""What the provider and a MAU fill in about clients and identity providers, turned into values or sentences."""

import re
from dataclasses import dataclass

from sdes.kit.forms import Form, without_control_characters
from sdes.single_sign_on.addresses import is_issuer, is_safe

MOST_ADDRESSES = 10
MOST_DOMAINS = 20
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
SHARED_DOMAINS = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "live.co.uk"),
        *("yahoo.com", "yahoo.co.uk", "icloud.com", "me.com", "aol.com", "btinternet.com", "sky.com", "proton.me"),
        *("protonmail.com", "gmx.com", "mail.com"),
    }
)
_NOT_SAFE = "Enter addresses that begin with https://, one a line, without * and without #: {address} is none"


@dataclass(frozen=True)
class ClientValues:
    """A client as it was filled in."""

    name: str
    redirect_uris: list[str]
    post_logout_uris: list[str]


@dataclass(frozen=True)
class ProviderValues:
    """An identity provider as it was filled in."""

    name: str
    issuer: str
    client_id: str
    client_secret: str
    email_domains: tuple[str, ...]
    is_enabled: bool


def client_values(form: Form) -> ClientValues:
    return ClientValues(form.text("name"), _lines(form, "redirect_uris"), _lines(form, "post_logout_uris"))


def client_errors(values: ClientValues) -> dict[str, str]:
    """What is wrong with a client, by field."""
    errors = {}
    if problem := _name_problem(values.name, 120):
        errors["name"] = problem
    if not values.redirect_uris:
        errors["redirect_uris"] = "Enter at least one address that people are sent back to"
    for field, addresses in (("redirect_uris", values.redirect_uris), ("post_logout_uris", values.post_logout_uris)):
        if len(addresses) > MOST_ADDRESSES:
            errors[field] = f"Enter at most {MOST_ADDRESSES} addresses"
        elif wrong := [address for address in addresses if not is_safe(address)]:
            errors[field] = _NOT_SAFE.format(address=without_control_characters(wrong[0])[:200])
    return errors


def provider_values(form: Form) -> ProviderValues:
    domains = re.split(r"[\s,;]+", form.raw("email_domains").lower())
    return ProviderValues(
        name=form.text("name"),
        issuer=form.text("issuer"),
        client_id=form.text("client_id"),
        client_secret=form.raw("client_secret").strip(),
        email_domains=tuple(dict.fromkeys(domain.removeprefix("@") for domain in domains if domain)),
        is_enabled=form.text("is_enabled") == "yes",
    )


def provider_errors(values: ProviderValues, *, needs_secret: bool, needs_domains: bool) -> dict[str, str]:
    """What is wrong with an identity provider, by field."""
    errors = {}
    if problem := _name_problem(values.name, 55):
        errors["name"] = problem
    if not is_issuer(values.issuer):
        errors["issuer"] = "Enter the issuer's address, which begins with https:// and has no ? or #"
    for field, what in (("client_id", "client ID"), ("client_secret", "client secret")):
        text = getattr(values, field)
        if (not text and (field == "client_id" or needs_secret)) or len(text) > 200:
            errors[field] = f"Enter the {what} that your sign-in gave SDES, of at most 200 characters"
            if field == "client_secret" and not text:
                errors[field] += ". One that is kept here goes with its issuer and client ID, and to no others"
        elif without_control_characters(text) != text:
            errors[field] = f"Enter the {what} again: it contained characters that cannot be seen"
    if needs_domains and (problem := _domains_problem(values.email_domains)):
        errors["email_domains"] = problem
    return errors


def domain_of(email: str) -> str:
    """What comes after the last @ of an e-mail address, in lower case; empty where there is none."""
    return email.strip().lower().rpartition("@")[2] if "@" in email else ""


def _lines(form: Form, name: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in form.raw(name).split("\n") if line.strip()))


def _name_problem(name: str, longest: int) -> str:
    if not name or len(name) > longest:
        return f"Enter a name of at most {longest} characters"
    if without_control_characters(name) != name:
        return "Enter the name again: it contained characters that cannot be seen"
    return ""


def _domains_problem(domains: tuple[str, ...]) -> str:
    if not domains:
        return "Enter at least one e-mail domain, such as example.co.uk"
    if len(domains) > MOST_DOMAINS:
        return f"Enter at most {MOST_DOMAINS} e-mail domains"
    for domain in domains:
        if len(domain) > 120 or not _DOMAIN.fullmatch(domain):
            return f"Enter e-mail domains such as example.co.uk: {without_control_characters(domain)[:60]} is none"
        if domain in SHARED_DOMAINS:
            return f"{domain} is open to everybody, so it cannot be your company's own"
    return ""
