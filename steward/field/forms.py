"""Questions of the steps: as the process declares them, with choices where a tap saves typing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from steward.design.forms import Choice, Field
from steward.processes.repair.guards import BEFORE
from steward.web.forms import questions

if TYPE_CHECKING:
    from steward.field.job import Job

GIVE_BACK: Final = (
    _("I still have an urgent job in hand"),
    _("Not my trade"),
    _("I do not have the parts or tools"),
    _("I am off duty"),
    _("The address or report is wrong"),
)
MINUTES: Final = ("15", "30", "45", "60", "90", "120", "180", "240")
LEFT_OUT: Final[Mapping[str, frozenset[str]]] = {
    # The pad's page asks for these in its own way.
    "consent": frozenset({"quote_hash", "way", "call_reference", "person_name", "relation", "ceiling", "signature"}),
    "confirm_amount": frozenset({"amount", "way", "call_reference", "person_name", "relation", "signature"}),
    "quote": frozenset({"lines"}),
    # More within a ceiling is quoted: the price list stands there.
    "finish": frozenset({"parts", "added"}),
}
#: The order in which a step asks, where it differs from the declaration: the photo comes first.
FIRST: Final[Mapping[str, Sequence[str]]] = {
    "confirm_scope": ("photos",),
    "contain": ("photos",),
    "accept_work": ("photos",),
    "refuse_work": ("photos",),
    "finish": ("photos_after", "work_done", "labour_minutes", "site_cleaned", "amount", "photos_before"),
}


def fields(name: str, job: "Job", *, values: Mapping[str, Any], errors: Mapping[str, Any]) -> list[Field]:
    action = job.view.process.action(name)
    if action is None:
        return []
    asked = questions(
        action.form,
        actor=job.actor,
        values={**_defaults(name, job), **values},
        errors=errors,
        leave_out=LEFT_OUT.get(name, frozenset()),
    )
    order = FIRST.get(name, ())
    if name == "finish" and not any(f.label in BEFORE for f in job.view.files):
        order = ("photos_before", *order)  # owed: the work is not accepted without one
    rank = {field: n for n, field in enumerate(order)}
    asked.sort(key=lambda f: rank.get(f.name, len(rank)))
    return [_easier(name, field) for field in asked]


def _defaults(name: str, job: "Job") -> dict[str, Any]:
    detail, case = job.detail, job.case
    if name == "confirm_scope":
        return {
            "confirmed_by": case.customer_name or case.reporter_name,
            "cause": detail.cause,
            "scope": detail.scope_text,
        }
    if name == "finish":
        return {"work_done": detail.scope_text}
    if name == "decline_quote":
        return {"person_name": case.customer_name or case.reporter_name}
    return {}


def _easier(name: str, field: Field) -> Field:
    """Choices in place of typing."""
    if name == "give_back" and field.name == "reason":
        choices: list[Choice] = [(str(reason), reason) for reason in GIVE_BACK]
        return replace(field, kind="choice", choices=choices)
    if name == "finish" and field.name == "labour_minutes":
        given = str(field.value) if field.value not in (None, "") else ""
        minutes = MINUTES if not given or given in MINUTES else (*MINUTES[:-1], given)
        return replace(field, kind="choice", choices=[(m, m) for m in minutes])
    if field.kind == "photos":
        return replace(field, max_files=12)
    return field
