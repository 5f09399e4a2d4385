"""Whom the Maintain Assigned Users List shows to whom, and what may be done to a person now (SD 2.5, 2.6)."""

from piccolo.columns.combination import And, Where

from sdes.accounts.tables import Person, PersonState
from sdes.actor import Actor
from sdes.administration.views import PersonView


def people_of(actor: Actor) -> And | Where:
    """The people of the actor's company who have not been deleted."""
    return (Person.company == actor.company_id) & (Person.state != PersonState.DELETED.value)


def why_not_removed(actor: Actor, person: PersonView) -> str:
    """Why the actor may neither suspend nor delete that person; empty when they may. (SD 2.4, 2.6)"""
    if person.id == actor.person_id:
        return "You cannot suspend or delete yourself. Ask another administrator of your company."
    if person.is_master_admin:
        return (
            "The Master Admin User cannot be suspended or deleted: every company has one."
            " The SDES Provider appoints another in their place."
        )
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
