"""Common parts have no customer who could confirm: butler or engineer accepts the work 公共部位验收."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.cases.declare import DeadlineRule, Guard, Who
from steward.cases.engine import Step
from steward.cases.models import Case
from steward.kernel.actor import Actor, Role
from steward.kernel.models import in_projects
from steward.processes.repair import policies, words
from steward.processes.repair.models import Payer, Repair, State


@dataclass(frozen=True)
class Accepting(Who):
    """Butlers and whoever leads them; and the engineer, who holds the post of the desk and of the trade at once."""

    def allows(self, actor: Actor, case: Case, link: str = "") -> bool:
        return super().allows(actor, case, link) or is_engineer(actor, case.project_id)


LEADING: Final = frozenset({Role.HEAD_BUTLER, Role.MANAGER})
ACCEPTING: Final = Accepting(frozenset({Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER}))


def is_engineer(actor: Actor, project_id: int) -> bool:
    return actor.is_staff and {Role.TECHNICIAN, Role.DESK} <= actor.roles_in(project_id)


def may_accept(actor: Actor, project_id: int) -> bool:
    return bool(ACCEPTING.roles & actor.roles_in(project_id)) or is_engineer(actor, project_id)


def near(actor: Actor, projects: frozenset[int]) -> Q:
    """A butler looks after the own homes and what belongs to none; who leads, and the engineer, after all."""
    leads = frozenset(p for p in projects if actor.roles_in(p) & LEADING or is_engineer(actor, p))
    own = in_projects(projects - leads) & (
        Q(unit__isnull=True) | Q(unit__butler_staff_id=actor.staff_id) | Q(accountable_id=actor.staff_id)
    )
    return in_projects(leads) | own


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
WAITS: Final = frozenset({State.CHECKING})
CLOCK: Final = DeadlineRule(
    "acceptance",
    _("Work accepted"),
    policies.ACCEPTANCE,
    runs_in=WAITS,
    met_in=frozenset({State.SETTLING, State.CLOSED}),
)
