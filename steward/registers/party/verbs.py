"""Changes of a customer's file: each a declared verb with its form and roles, performed once, with a line of record.

Who looks on from the faces asks :data:`VERBS` what there is; :func:`perform` is the only way to do it.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Final

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticUseDefault

from steward.kernel import audit
from steward.kernel.actor import Actor, ActorKind, Role
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, NotAllowedError, NotFoundError
from steward.kernel.schema import Data, parse
from steward.registers.org.tree import place
from steward.registers.party.models import Change, Customer, office_projects

#: Who keeps customers' files.
KEEPERS: Final = frozenset({Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER})
#: Who decides what a customer is to the firm, and who answers for personal data.
DECIDERS: Final = frozenset({Role.HEAD_BUTLER, Role.MANAGER})
MANAGERS: Final = frozenset({Role.MANAGER})
#: Who reads the log of looks: those who answer for the project.
OVERSEERS: Final = frozenset({Role.MANAGER, Role.REGION, Role.HQ})

#: How the audit names a customer's file.
SUBJECT: Final = "party.customer"
Choices = Sequence[tuple[str, Any]]


def _day_of_ours(value: date) -> date:
    if not 1900 <= value.year <= 2200:
        raise ValueError(str(_("This date is too far away.")))
    return value


def _blank(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise PydanticUseDefault
    return value


Day = Annotated[date, AfterValidator(_day_of_ours)]
OptionalDay = Annotated[Day | None, BeforeValidator(_blank)]


@dataclass(frozen=True)
class Doing:
    """A verb being done: whose file, with which input, by whom, when."""

    customer: Customer
    data: Any
    actor: Actor
    at: datetime

    @property
    def project_id(self) -> int:
        return self.customer.project_id

    def begin_of(self, day: date | None) -> datetime:
        """The day's first instant at the project; without a day, now."""
        return datetime.combine(day, time.min, place(self.project_id).tz) if day is not None else self.at


#: What a verb hands back for the record: {field: [before, after]}, personal values masked.
Said = dict[str, list[str]]
Run = Callable[[Doing], Said]
Options = Callable[[Customer], Mapping[str, Choices]]


@dataclass(frozen=True)
class Verb:
    name: str
    title: Any
    icon: str
    form: type[Data]
    run: Run
    roles: frozenset[Role]
    options: Options | None = None
    by_customer: bool = False


VERBS: Final[dict[str, Verb]] = {}


def verb(
    name: str,
    title: Any,
    *,
    icon: str,
    form: type[Data],
    roles: frozenset[Role] = KEEPERS,
    options: Options | None = None,
    by_customer: bool = False,
) -> Callable[[Run], Run]:
    """Declare a verb; ``by_customer``: the customer may do it too, for the own file."""

    def register(run: Run) -> Run:
        VERBS[name] = Verb(name, title, icon, form, run, roles, options, by_customer)
        return run

    return register


def may(found: Verb, actor: Actor, project_id: int) -> bool:
    if actor.is_staff:
        return bool(found.roles & actor.roles_in(project_id))
    # A link reaches one case; it opens nobody's file.
    return actor.is_system or (found.by_customer and actor.kind is ActorKind.RESIDENT)


def file_of(actor: Actor, project_id: int, customer_id: int) -> Customer:
    """The customer, for those who may open the file: the office, and the customer. Raises NotFoundError."""
    office = actor.is_system or project_id in office_projects(actor)
    if not office and actor.kind is not ActorKind.RESIDENT:
        raise NotFoundError(_("There is no such customer."))
    customer = Customer.objects.visible_to(actor).filter(project_id=project_id, pk=customer_id).first()
    if customer is None:
        raise NotFoundError(_("There is no such customer."))
    return customer


def perform(
    *,
    project_id: int,
    customer_id: int,
    verb: str,
    actor: Actor,
    at: datetime,
    client_uuid: uuid.UUID,
    raw: Mapping[str, Any],
) -> Change:
    """Do a verb on a customer's file, once for each ``client_uuid``; returns its line of record.

    Raises NotFoundError out of scope, NotAllowedError by role, InvalidError naming fields, ConflictError by rule.
    """
    found = VERBS.get(verb)
    if found is None:
        raise NotFoundError(_("There is no such action."))
    customer = file_of(actor, project_id, customer_id)
    if not may(found, actor, project_id):
        raise NotAllowedError(_("This is not yours to do."), rule="party.role")
    data = parse(found.form, raw)
    return retrying(lambda: _perform(found, customer, data, actor, at, client_uuid))


def _perform(found: Verb, customer: Customer, data: Data, actor: Actor, at: datetime, client_uuid: uuid.UUID) -> Change:
    known = already(customer.project_id, actor, client_uuid)
    if known is not None:
        return known
    # Two at once on one file: the second waits and sees what the first left.
    fresh = Customer.objects.in_project(customer.project_id).select_for_update().get(pk=customer.pk)
    if fresh.erased_at is not None:
        raise ConflictError(_("This customer's data were erased."), rule="party.erased")
    said = found.run(Doing(fresh, data, actor, at))
    return write_down(fresh, found.name, said, actor, at, client_uuid)


def already(project_id: int, actor: Actor, client_uuid: uuid.UUID) -> Change | None:
    rows = Change.objects.in_project(project_id).filter(actor_key=actor.key, client_uuid=client_uuid)
    return rows.select_related("customer").first()


def write_down(customer: Customer, name: str, said: Said, actor: Actor, at: datetime, client_uuid: uuid.UUID) -> Change:
    audit.record(
        project_id=customer.project_id,
        actor=actor,
        at=at,
        what=f"customer.{name}",
        subject_kind=SUBJECT,
        subject_id=customer.pk,
        after={"fields": sorted(said)},
        personal=said,
    )
    return Change.objects.create(
        project_id=customer.project_id,
        customer=customer,
        verb=name,
        actor_key=actor.key,
        client_uuid=client_uuid,
        at=at,
    )
