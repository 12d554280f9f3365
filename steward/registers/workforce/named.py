"""Colleagues named where nobody knows our people: in customers' files, a floor below."""

from steward.kernel.facts import listens
from steward.registers.party.care import StaffNamed
from steward.registers.workforce.people import must_work_in


@listens(StaffNamed)
def must_be_ours(fact: StaffNamed) -> None:
    must_work_in(fact.project_id, **fact.named)
