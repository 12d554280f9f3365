"""From plain rows and views to what the API answers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language

from steward.api import schemas as out
from steward.cases.declare import Action, DeadlineRule, Process
from steward.cases.engine import Outcome
from steward.cases.models import Case, Deadline, Entry
from steward.casework.categories import categories, of_kind
from steward.casework.clocks import beside
from steward.casework.clocks.lateness import MINUTE, ZERO, Account, Clocked, Story, late
from steward.casework.clocks.latewords import paragraph
from steward.casework.queries import summary
from steward.kernel.actor import Actor
from steward.kernel.privacy import mask_phone
from steward.registers.billing.prices import prices
from steward.registers.org.tree import place, tree
from steward.registers.workforce.people import colleagues, name_of
from steward.web.cases import CaseView, allowed, title_of


def me(actor: Actor, username: str) -> dict[str, Any]:
    places = [tree().places[pk] for pk in actor.project_ids]
    return {
        "username": username,
        "name": actor.name,
        "kind": actor.kind.value,
        "language": actor.language,
        "projects": [
            {"code": p.code, "name": p.name, "kind": p.kind, "roles": sorted(actor.roles_in(p.id))}
            for p in sorted(places, key=lambda p: p.code)
        ],
        "homes": [
            {"project": place(h.project_id).code, "unit": h.unit_label, "role": h.role.value} for h in actor.homes
        ],
    }


def process_brief(process: Process) -> dict[str, Any]:
    return {
        "kind": process.kind,
        "title": str(process.title),
        "prefix": process.prefix,
        "version": process.version,
    }


def process_whole(process: Process, actor: Actor, project_id: int | None) -> dict[str, Any]:
    """All a client needs to know to drive this kind of case; colleagues and prices of a project, if one is meant."""
    return {
        **process_brief(process),
        "initial": process.initial,
        "states": [
            {"key": str(value), "title": str(label), "terminal": value in process.terminal}
            for value, label in process.states.choices
        ],
        "open": {"roles": process.opened_by.names(), "data_schema": open_schema(process)},
        "actions": [_action(a) for a in process.actions],
        "deadlines": [_rule(d) for d in process.deadlines],
        "categories": [
            {"code": c.code, "name": c.title(get_language() or actor.language), "urgency": c.urgency}
            for c in of_kind(process.kind, project_id or 0)
        ],
        "staff": _staff(project_id) if project_id is not None and actor.is_staff else [],
        "prices": _prices(project_id) if project_id is not None else [],
    }


def _staff(project_id: int) -> list[dict[str, Any]]:
    found = [(c, sorted(r for r, projects in c.grants if project_id in projects)) for c in colleagues().values()]
    return [
        {"id": c.id, "name": c.name, "roles": roles, "skills": list(c.skills)}
        for c, roles in found
        if c.is_active and roles
    ]


def _prices(project_id: int) -> list[dict[str, Any]]:
    in_force = prices(lineage=place(project_id).lineage, at=timezone.now())
    return [
        {"code": p.code, "name": p.name, "kind": p.kind, "unit": p.unit, "price": f"{p.price:.2f}"}
        for p in in_force.items.values()
    ]


def open_schema(process: Process) -> dict[str, Any]:
    """The body of ``POST /cases`` for this kind."""
    schema = process.open_form.model_json_schema()
    own = out.CaseIn.model_json_schema()
    schema["properties"] = {**own["properties"], **schema["properties"]}
    schema["required"] = sorted({*own["required"], *schema.get("required", [])})
    schema["properties"]["kind"] = {"const": process.kind, "type": "string"}
    if "$defs" in own:
        schema["$defs"] = {**own["$defs"], **schema.get("$defs", {})}
    return schema


def _action(action: Action) -> dict[str, Any]:
    return {
        "name": action.name,
        "title": str(action.title),
        "source": sorted(str(s) for s in action.source),
        "to": sorted(str(s) for s in action.reaches()),
        "roles": action.by.names(),
        "public": action.public,
        "rules": [guard.rule for guard in action.guards],
        "data_schema": action.form.model_json_schema(),
    }


def _rule(rule: DeadlineRule) -> dict[str, Any]:
    return {
        "key": rule.key,
        "title": str(rule.title),
        "policy": rule.policy.key,
        "runs_in": sorted(str(s) for s in rule.runs_in),
        "pauses_in": sorted(str(s) for s in rule.pauses_in),
    }


def brief(row: dict[str, Any]) -> dict[str, Any]:
    """A list row as ``casework.queries`` dressed it."""
    return {
        **{k: row[k] for k in ("number", "kind", "state", "state_title", "title", "urgency", "category", "place")},
        **{k: row[k] for k in ("channel", "received_at", "next_due_at", "closed_at", "external_number")},
        "project": place(row["project_id"]).code,
        "unit": row["unit_label"],
        "customer": row["customer_name"],
        "accountable": named(row["accountable_id"]),
        "handler": named(row["handler_id"]),
        "next_due": row["next_due_key"],
    }


def named(staff_id: int | None) -> dict[str, Any] | None:
    return {"id": staff_id, "name": name_of(staff_id)} if staff_id else None


def case_from(view: CaseView, actor: Actor) -> dict[str, Any]:
    return _case(view.case, view.detail, view.process, view.deadlines, view.actions, actor)


def late_of(view: CaseView, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Every late clock with its reasons, also those beside the case's own; ours to know."""
    if not actor.is_staff:
        return []
    story = Story(view.case, view.process, view.deadlines, view.entries, at)
    rows: list[Clocked] = [*view.deadlines, *beside.rows(view.case, view.entries)]
    return [_late(found, view.case) for found in late(story, rows)]


def _late(found: Account, case: Case) -> dict[str, Any]:
    who, what = found.waits
    return {
        **{k: getattr(found, k) for k in ("key", "title", "round", "started_at", "due_at", "until")},
        "done": found.ended,
        "minutes": found.gross // MINUTE,
        "late_minutes": found.over // MINUTE,
        "allowed_minutes": found.allowed // MINUTE,
        "paused_minutes": sum((hold.span for hold in found.paused), ZERO) // MINUTE,
        "rest_minutes": found.rest // MINUTE,
        "parts": [{"what": p.what, "who": p.who, "minutes": p.minutes} for p in found.parts],
        "waits_for": who,
        "waits_what": what,
        "text": paragraph(found, case),
    }


def case_after(outcome: Outcome, actor: Actor) -> dict[str, Any]:
    """The case as a verb left it, without reading it again."""
    actions = allowed(outcome.process, outcome.case, actor)
    return _case(outcome.case, outcome.detail, outcome.process, outcome.deadlines, actions, actor)


def _case(
    case: Case, detail: Any, process: Process, deadlines: list[Deadline], actions: list[Action], actor: Actor
) -> dict[str, Any]:
    category = categories().get(case.category_id or 0)
    return {
        **{k: getattr(case, k) for k in ("number", "kind", "state", "title", "urgency", "place", "channel", "version")},
        **{k: getattr(case, k) for k in ("received_at", "recorded_at", "next_due_at", "closed_at", "promised_at")},
        **{k: getattr(case, k) for k in ("external_number", "description", "reporter_relation", "round")},
        "project": place(case.project_id).code,
        "state_title": str(process.state_title(case.state)),
        "category": category.title(get_language() or actor.language) if category else "",
        "unit": case.unit_label,
        "customer": case.customer_name,
        "accountable": named(case.accountable_id),
        "handler": named(case.handler_id),
        "next_due": case.next_due_key,
        "reporter": case.reporter_name,
        "reporter_phone": mask_phone(case.reporter_phone),
        "deadlines": [summary(row, process) for row in deadlines],
        "actions": [{"name": a.name, "title": str(a.title), "primary": a.primary} for a in actions],
        "detail": detail_of(detail, actor),
    }


def detail_of(detail: models.Model | None, actor: Actor) -> dict[str, Any]:
    """The typed detail, field by field; links to other rows stay inside, and what only staff may read."""
    if detail is None:
        return {}
    fields = [f for f in detail._meta.concrete_fields if not f.is_relation and not f.primary_key]  # noqa: SLF001
    hidden: frozenset[str] = frozenset() if actor.is_staff else getattr(detail, "STAFF_ONLY", frozenset())
    return {f.name: _plain(getattr(detail, f.name)) for f in fields if f.name not in hidden}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, (datetime, date)) else value


def _shown(row: Entry, process: Process, actor: Actor) -> dict[str, Any]:
    """What was sent, phones masked; what the office alone decides is not read out to residents."""
    data = dict(row.data)
    if data.get("reporter_phone"):
        data["reporter_phone"] = mask_phone(str(data["reporter_phone"]))
    if actor.is_staff:
        return data
    action = process.action(row.action)
    form = process.open_form if row.action == "open" else action.form if action else None
    hidden = form.staff_only | {"handler"} if form is not None else frozenset(data)
    return {name: value for name, value in data.items() if name not in hidden}


def entry(row: Entry, process: Process, actor: Actor) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "action": row.action,
        "title": title_of(process, row),
        "from_state": row.from_state,
        "to_state": row.to_state,
        "actor": row.actor_name,
        "happened_at": row.happened_at,
        "recorded_at": row.recorded_at,
        "note": row.note,
        "data": _shown(row, process, actor),
        "public": row.is_public,
    }
