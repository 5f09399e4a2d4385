"""What a company's MAU decides for the whole company."""

from sdes import auditlog
from sdes.accounts.tables import Company
from sdes.actor import Actor


async def require_second_factor(actor: Actor, is_required: bool) -> None:
    """Has everybody of the actor's company give a second factor from their next step on, or leaves it to each."""
    changed = (
        await Company.update({Company.requires_second_factor: is_required})
        .where(Company.id == actor.company_id, Company.requires_second_factor != is_required)
        .returning(Company.id)
    )
    if changed:
        await auditlog.record(
            actor,
            "administration.second-factor.required" if is_required else "administration.second-factor.left-optional",
            subject=f"company {actor.company_id}",
            detail="for everybody in the company",
            about_company=actor.company_id,
        )
