"""What a restored house holds and the newest roll does not: worked out from two rolls, nothing else (SD 2.6, 8.1)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sdes.accounts.tables import PersonState
from sdes.backup.roll import Person, Roll
from sdes.kit.errors import Refused

_MOST = 0.5


@dataclass
class Struck:
    """What is to be taken away again: people by their ids, the rest by what stands for them on the roll."""

    deleted: list[int] = field(default_factory=list)
    suspended: list[int] = field(default_factory=list)
    passwords: list[int] = field(default_factory=list)
    totp: list[int] = field(default_factory=list)
    passkeys: list[str] = field(default_factory=list)
    use_cases: list[tuple[int, int]] = field(default_factory=list)
    functions: dict[int, list[str]] = field(default_factory=dict)  # those that are left
    former_master_admins: list[int] = field(default_factory=list)
    master_admins: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)
    client_secrets: list[str] = field(default_factory=list)  # of clients
    providers: list[str] = field(default_factory=list)
    unqualified: list[int] = field(default_factory=list)
    second_factor_asked: list[int] = field(default_factory=list)
    participants: list[tuple[int, str, str]] = field(default_factory=list)  # as it is, and as it is to be; empty: not


def struck_off(restored: Roll, known: Roll) -> Struck:
    """What of `restored` does not stand on `known` any more.

    Who was deleted is deleted. Who is suspended there is suspended, and so is who is under another address there or
    not known at all, with nothing left to sign in with. A password or a second factor that was changed or removed is
    void; so is the password of whoever had a second factor and has none left, so that a mail stands between. Nothing
    is given that `restored` has not, but to the Master Admin User, who changes as a whole.
    """
    found = Struck()
    for number, person in restored.people.items():
        _look_at(found, number, person, known.people.get(number))
    out = {*found.deleted, *found.suspended}
    _look_at_master_admins(found, restored, known, out)
    _look_at_companies(found, restored, known)
    for client, secret in restored.clients.items():
        if client not in known.clients:
            found.clients.append(client)
        elif known.clients[client] != secret:
            found.client_secrets.append(client)
    found.providers = sorted({*restored.providers} - {*known.providers})
    return found


def refuse_most(restored: Roll, known: Roll) -> None:
    """Refuses a roll by which more than half of those who can sign in would be suspended or deleted: it is hardly
    this house's."""
    found = struck_off(restored, known)
    active = {number for number, person in restored.people.items() if person.state == PersonState.ACTIVE}
    if (out := len(active & {*found.suspended, *found.deleted})) > len(active) * _MOST:
        raise Refused(
            f"By the roll of {known.at:%d %b %Y at %H:%M:%S} (UTC), {out} of the {len(active)} people who can sign in "
            "would be suspended or deleted. Is it the right roll? Then add --shut-out-most. If not, name a better one "
            "with --deletions, or leave it aside with --as-it-was."
        )


def _look_at(found: Struck, number: int, person: Person, known: Person | None) -> None:
    if person.state == PersonState.DELETED:
        return
    if known is not None and known.state == PersonState.DELETED:
        found.deleted.append(number)
        return
    if known is None or known.account != person.account:
        found.suspended.append(number)
        known = replace(person, password="", totp="", passkeys=[])
    if known.state != PersonState.ACTIVE and person.state == PersonState.ACTIVE:
        found.suspended.append(number)
    removed = [one for one in person.passkeys if one not in known.passkeys]
    is_totp_void = bool(person.totp) and person.totp != known.totp
    has_factor_left = len(removed) < len(person.passkeys) or (bool(person.totp) and not is_totp_void)
    had_factor = person.has_second_factor or known.has_second_factor
    if person.password and (person.password != known.password or (had_factor and not has_factor_left)):
        found.passwords.append(number)
    if is_totp_void:
        found.totp.append(number)
    found.passkeys += removed
    found.use_cases += [(number, one) for one in person.use_cases if one not in known.use_cases]
    if {*person.functions} - {*known.functions}:
        found.functions[number] = [one for one in person.functions if one in known.functions]


def _look_at_master_admins(found: Struck, restored: Roll, known: Roll, out: set[int]) -> None:
    for number, person in restored.people.items():
        there = known.people.get(number)
        stays = there is not None and there.is_master_admin
        if person.is_master_admin and not stays and number not in found.deleted:  # the deleted are blanked
            found.former_master_admins.append(number)
        if stays and not person.is_master_admin and number not in out:
            found.master_admins.append(number)


def _look_at_companies(found: Struck, restored: Roll, known: Roll) -> None:
    for number, company in restored.companies.items():
        there = known.companies.get(number)
        found.keys += [one for one in company.keys if there is None or one not in there.keys]
        if there and company.is_qualified and not there.is_qualified:
            found.unqualified.append(number)
        if there and there.requires_second_factor and not company.requires_second_factor:
            found.second_factor_asked.append(number)
        if there and company.participants and there.participants is not None:
            found.participants += [(number, *one) for one in _shortened(company.participants, there.participants)]


def _shortened(restored: list[str], known: list[str]) -> Iterator[tuple[str, str]]:
    """Market participants that are known for fewer days, with these, or not at all. Days compare as written."""
    for one in restored:
        mpid, role, first, last = one.split()
        days = [(begins, ends) for *held, begins, ends in map(str.split, known) if held == [mpid, role]]
        days = [(begins, ends) for begins, ends in days if begins <= last and ends >= first]
        if not days:
            yield one, ""
            continue
        begins, ends = max(first, min(begins for begins, _ in days)), min(last, max(ends for _, ends in days))
        if (begins, ends) != (first, last):
            yield one, f"{mpid} {role} {begins} {ends}"
