"""Common parts have no customer who could confirm: butler or engineer accepts the work 公共部位验收."""

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.cases.declare import DeadlineRule, Guard, by
from steward.cases.engine import Step
from steward.kernel.actor import Actor, Role
from steward.kernel.asking import Asks, asks
from steward.kernel.models import in_projects
from steward.processes.repair import policies, words
from steward.processes.repair.models import Payer, Repair, State

ACCEPTING: Final = by(Role.BUTLER, Role.ENGINEER, Role.HEAD_BUTLER, Role.MANAGER)
#: Of them, who looks after all of a project.
EVERYWHERE: Final = (Role.ENGINEER, Role.HEAD_BUTLER, Role.MANAGER)
WAITS: Final = frozenset({State.CHECKING})


def _near(actor: Actor, projects: frozenset[int]) -> Q:
    """A butler looks after the own homes and what belongs to none; nobody after what he did himself."""
    all_of = actor.projects_with(*EVERYWHERE) & projects
    own = in_projects(projects - all_of) & (
        Q(unit__isnull=True) | Q(unit__butler_staff_id=actor.staff_id) | Q(accountable_id=actor.staff_id)
    )
    return (in_projects(all_of) | own) & ~Q(handler_id=actor.staff_id or 0)


TO_ACCEPT: Final = asks(Asks("repair", WAITS, ACCEPTING.roles, _near))


def is_needed(detail: Repair) -> bool:
    """Work that the service fee pays; a rework in somebody's own home is theirs to judge, though it is free."""
    return detail.payer == Payer.COMMON and detail.first_payer in ("", Payer.COMMON)


def accept(step: Step) -> None:
    step.detail.checked_at, step.detail.checked_by = step.happened_at, step.actor.name
    step.note = step.data.remark
    step.files.extend((pk, "check") for pk in step.data.photos)


def forget(detail: Repair) -> None:
    detail.checked_at, detail.checked_by = None, ""


def asked(step: Step, *, besides: int | None = None) -> None:
    words.work_to_accept(step, besides)


NOT_DOER: Final = Guard(
    "repair.accepted_by_another",
    _("Whoever did the work does not accept it."),
    lambda s: s.case.handler_id is None or s.case.handler_id != s.actor.staff_id,
)
CLOCK: Final = DeadlineRule(
    "acceptance",
    _("Work accepted"),
    policies.ACCEPTANCE,
    runs_in=WAITS,
    met_in=frozenset({State.SETTLING, State.CLOSED}),
)
