"""Whom and which companies administration shows to whom, and what may be done to them now (SD 2.4 to 2.6, 10.2)."""

from collections.abc import Collection
from datetime import date

from piccolo.columns.combination import And, Where, WhereRaw

from sdes.accounts.functions import SystemFunction
from sdes.accounts.tables import Person, PersonState
from sdes.actor import Actor
from sdes.administration.views.companies import CompanyView
from sdes.administration.views.people import PersonView
from sdes.kit.errors import Refused
from sdes.permissions import Permission


def people_of(actor: Actor) -> And | Where:
    """The people of the actor's company who have not been deleted."""
    return (Person.company == actor.company_id) & (Person.state != PersonState.DELETED.value)


def why_not_removed(actor: Actor, person: PersonView) -> str:
    """Why the actor may neither suspend nor delete that person; empty when they may. (SD 2.4, 2.6)"""
    if person.is_master_admin:
        return (
            "The Master Admin User cannot be suspended or deleted: every company has one."
            " The SDES Provider appoints another in their place."
        )
    if person.id == actor.person_id:
        return "You cannot suspend or delete yourself. Ask another administrator of your company."
    return ""


def why_not_changed(actor: Actor, person: PersonView) -> str:
    """Why the actor may not change that person's details, functions and second factor; empty when they may."""
    if person.is_master_admin and person.id != actor.person_id:
        return "Only the Master Admin User changes their own account."
    return ""


def why_functions_are_fixed(actor: Actor, person: PersonView) -> str:
    """Why the actor may not grant that person functions; empty when they may. Deputies do not raise themselves."""
    if person.id == actor.person_id and not actor.is_master_admin:
        return "You cannot change your own system functions. Ask your Master Admin User."
    return why_not_changed(actor, person)


def why_no_proxy(person: PersonView) -> str:
    """Why that person's address is no proxy address; empty where it may be one. (SD 2.4, 11.1(f))"""
    if person.is_master_admin:
        return "The Master Admin User is a named person with an address of their own, which is no proxy address."
    return ""


def why_user_administration_stays(actor: Actor, functions: Collection[str]) -> str:
    """Why the actor can neither grant nor take these functions; empty where they can: whoever maintains the assigned
    users is the MAU's own choice. (SD 2.6)"""
    if SystemFunction.USER_ADMINISTRATION in functions and not actor.is_master_admin:
        return "Only the Master Admin User grants and takes user administration."
    return ""


def why_no_password(actor: Actor, person: PersonView) -> str:
    """Why the actor cannot send that person a new password; empty when they can."""
    if person.id == actor.person_id:
        return "You change your own password in your account menu."
    if not person.is_active:
        return f"{person.name} is suspended. Reinstate them first, then send a new password."
    return why_not_changed(actor, person)


def why_second_factor_stays(actor: Actor, person: PersonView) -> str:
    """Why the actor may not take that person's second factors away; empty when they may."""
    if person.id == actor.person_id:
        return "You change your own second factor under Security, in your account menu."
    if not person.has_second_factor:
        return f"{person.name} has not set up a second factor."
    return why_not_changed(actor, person)


def why_unverified(person: PersonView) -> str:
    """Why no link to confirm their address can be sent to a person; empty when it can. (SD 11.1(f))"""
    if person.is_proxy_address:
        return "No notifications are sent to a proxy address, so there is nothing to confirm."
    if person.email_verified_at:
        return "The address has been confirmed."
    return ""


def why_not_by_key(person: PersonView) -> str:
    """Why no API key changes that person's address or password; empty when one may. Whoever has a key would otherwise
    come to whatever an administrator may do."""
    if person.is_master_admin or SystemFunction.USER_ADMINISTRATION in person.functions:
        return "The address and the password of people with user administration are changed on the pages only."
    return ""


def why_not_removed_by_key(person: PersonView) -> str:
    """Why no API key suspends, reinstates or deletes that person; empty when one may. It would take user administration
    away, or give it back."""
    if SystemFunction.USER_ADMINISTRATION in person.functions:
        return "People with user administration are suspended, reinstated and deleted on the pages only."
    return ""


def refuse_function_by_key(functions: Collection[str]) -> None:
    """Refuses system functions that no API key grants or takes."""
    if SystemFunction.USER_ADMINISTRATION in functions:
        raise Refused("User administration is granted and taken on the pages only, not by an API key.")


def companies_of(actor: Actor) -> WhereRaw:
    """Companies `c`: all of them to those who look after companies, to anybody else their own."""
    return WhereRaw("(c.id = {} OR {})", actor.company_id, actor.may(Permission.COMPANY_VIEW))


def why_not_qualified(company: CompanyView, today: date) -> str:
    """Why a company cannot be marked Qualified yet; empty when it can. (SD 10.2, SL 20)"""
    if not company.accession.is_complete:
        return "A company is marked Qualified after its application, its validation and the signed Access Agreement."
    if not company.roles(today):
        return "Add a market participant that has not ended first."
    return ""


def why_no_master_admin(actor: Actor, company: CompanyView) -> str:
    """Why the actor cannot appoint a company's MAU now; empty when they can. Nobody of the provider raises themself
    or another to look after all companies, but the MAU who does already. (SD 2.4, SL 20)"""
    if not company.is_market and not actor.is_master_admin:
        return "The Master Admin User of a company that runs the service is appointed by the provider's own only."
    if company.is_market and not company.accession.is_complete:
        return "The Master Admin User is appointed after the Access Agreement is signed."
    return ""


def why_accession_stays(company: CompanyView) -> str:
    """Why the record of a complete accession cannot be taken back; empty when it can."""
    if company.is_qualified:
        return "The company is Qualified. Mark it not Qualified first."
    if company.master_admin:
        return "The company has a Master Admin User, who was appointed on the strength of these dates."
    return ""
