"""Places of the company: projects are opened (and regions, with their first project), particulars corrected.

A region is never empty: whoever is over all projects of a place is over the place, and over no projects is everybody.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pydantic import Field

from steward.kernel import reference
from steward.kernel.actor import Actor, Role
from steward.kernel.audit import changed, record
from steward.kernel.db import retrying
from steward.kernel.errors import InvalidError, NotAllowedError, NotFoundError
from steward.kernel.schema import Data, Id, Line, ask
from steward.registers.org.models import Level, Node, ProjectKind
from steward.registers.org.operations import create_node, free_code
from steward.registers.org.tree import Place, tree
from steward.registers.workforce.authority import ensure_place, placing_role

Zone = Literal["Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Macau"]
Code = Annotated[Line, Field(max_length=12)]
Name = Annotated[Line, Field(min_length=2, max_length=80)]
Changed = Mapping[str, Mapping[str, Any]]


class Particulars(Data):
    name: Name = ask(title=pgettext_lazy("place", "Name"))
    kind: ProjectKind = ask(ProjectKind.RESIDENTIAL, title=_("Kind of project"), kind="choice")
    phone: Annotated[Line, Field(max_length=30)] = ask("", title=_("Service hotline"), kind="phone")


class NewProject(Particulars):
    code: Code = ask(
        title=_("Code"), description=_("Capital letters and digits, for instance YX. It stands in every case number.")
    )
    under: Id = ask(title=_("Belongs to"), kind="choice")
    region_name: Annotated[Line, Field(max_length=80)] = ask(
        "", title=_("Name of a new region"), description=_("Only where this is the first project of a region.")
    )
    region_code: Code = ask("", title=_("Code of the new region"))
    time_zone: Zone = ask("Asia/Shanghai", title=_("Time zone"), kind="choice")


def opens_under(actor: Actor) -> list[Place]:
    """Head office and the regions where the actor may open a project. No query."""
    return [
        p
        for p in tree().places.values()
        if p.level != Level.PROJECT and (actor.is_system or placing_role(actor, p) in (Role.HQ, Role.REGION))
    ]


def open_project(*, data: NewProject, actor: Actor, at: datetime) -> Node:
    """A project below head office or a region, or with a region of its own. The same form again: the same project.

    Raises NotFoundError, NotAllowedError (not of the level above), InvalidError (codes).
    """
    above = _above(data, actor)

    def once() -> Node:
        parent = Node.objects.get(pk=above.id)
        known = Node.objects.filter(code=data.code, name=data.name).select_related("parent").first()
        if known is not None and parent.pk in (known.parent_id, known.parent and known.parent.parent_id):
            return known
        code = free_code(data.code)
        if data.region_name:
            if data.region_code == code:
                raise InvalidError({"region_code": _("This code is taken.")})
            parent = create_node(
                parent=parent,
                level=Level.REGION,
                code=free_code(data.region_code, field="region_code"),
                name=data.region_name,
            )
        fresh = {"kind": data.kind, "phone": data.phone, "tz": data.time_zone}
        row = create_node(parent=parent, level=Level.PROJECT, code=code, name=data.name, **fresh)
        _told("place.open", row, changed({}, {**_open(row), "code": row.code, "under": parent.code}), actor, at)
        return row

    return retrying(once)


def correct_place(*, node_id: int, data: Particulars, actor: Actor, at: datetime) -> Node:
    """Name, kind and hotline, by whoever places people there; what stays the same leaves no trace."""
    ensure_place(actor, node_id)

    def once() -> Node:
        row = Node.objects.get(pk=node_id)
        before = _open(row)
        row.name, row.phone = data.name, data.phone
        if row.level == Level.PROJECT:
            row.kind = data.kind
        turned = changed(before, _open(row))
        if turned["after"]:
            row.save(update_fields=["name", "phone", "kind"])
            _told("place.correct", row, turned, actor, at)
            reference.bump()
        return row

    return retrying(once)


def _above(data: NewProject, actor: Actor) -> Place:
    found = tree().places.get(data.under)
    if found is None or found.level == Level.PROJECT:
        raise InvalidError({"under": _("There is no such place.")})
    if found not in opens_under(actor):
        if not tree().projects_under[found.path] & actor.project_ids:
            raise NotFoundError(_("There is no such place."))
        raise NotAllowedError(_("Projects are opened by the level above."), rule="org.opened_from_above")
    if bool(data.region_name) != bool(data.region_code):
        missing = "region_code" if data.region_name else "region_name"
        raise InvalidError({missing: _("A region has a name and a code.")})
    if data.region_name and found.level != Level.HEAD_OFFICE:
        raise InvalidError({"region_name": _("A region lies under head office.")})
    return found


def _open(row: Node) -> dict[str, str]:
    return {"name": row.name, "kind": row.kind, "phone": row.phone}


def _told(what: str, row: Node, turned: Changed, actor: Actor, at: datetime) -> None:
    record(
        project_id=row.pk if row.level == Level.PROJECT else None,
        actor=actor,
        at=at,
        what=what,
        subject_kind="org.node",
        subject_id=row.pk,
        label=row.name,
        before=turned["before"],
        after=turned["after"],
    )
