"""Processes as pages of the documentation: a state diagram (Mermaid) and tables, made from the declaration alone."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from django.utils import translation

from steward.cases.declare import REGISTRY, Action, DeadlineRule, Process, Relation, Who
from steward.kernel.actor import Role
from steward.kernel.clocks.policy import Clock, ClockTable

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "processes"
HOUR: Final = 60
DAY: Final = 24 * HOUR
PEOPLE: Final = {
    Relation.HANDLER: "handler",
    Relation.ACCOUNTABLE: "accountable person",
    Relation.CUSTOMER: "customer",
    Relation.SYSTEM: "the system",
}


def pages() -> dict[str, str]:
    """File name → page, for every registered process. In English, whatever language is active."""
    with translation.override("en"):
        return {f"{kind}.md": page(process) for kind, process in sorted(REGISTRY.items())}


def draw(folder: Path = FOLDER) -> list[Path]:
    """Write the pages; returns those that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = [folder / name for name in stale(folder) if name in pages()]
    for path in changed:
        path.write_text(pages()[path.name], encoding="utf-8")
    return changed


def stale(folder: Path = FOLDER) -> list[str]:
    """Pages that are missing, differ from the declaration, or belong to no process any more."""
    drawn = pages()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in drawn.keys() | found.keys() if drawn.get(name) != found.get(name))


def page(process: Process) -> str:
    lines = [
        f"# {process.title}",
        "",
        f"Kind `{process.kind}`, version {process.version}, numbers begin with `{process.prefix}`.",
        f"Opened by: {who(process.opened_by)}.",
        "",
        "Drawn by `steward processes --draw` from the declaration; do not edit.",
        "",
        "```mermaid",
        *diagram(process),
        "```",
        "",
        "## Actions",
        "",
        *_table(
            ("action", "", "from", "to", "who", "asks for", "rules"), (_action(process, one) for one in process.actions)
        ),
    ]
    if process.deadlines:
        heads = ("clock", "", "runs in", "met in", "pauses in", "allowance", "source")
        lines += ["", "## Clocks", "", *_table(heads, (_deadline(process, one) for one in process.deadlines))]
    return "\n".join(lines) + "\n"


def diagram(process: Process) -> Iterator[str]:
    """Every change of state; actions that leave the state as it is stand in the table only."""
    yield "stateDiagram-v2"
    for state in process.states:
        yield f"    {state.value} : {state.label}"
    yield f"    [*] --> {process.initial}"
    for (source, target), names in _arrows(process).items():
        yield f"    {source} --> {target} : {', '.join(names)}"
    for state in process.states:
        if state.value in process.terminal:
            yield f"    {state.value} --> [*]"


def _arrows(process: Process) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for action in process.actions:
        for source in _ordered(process, action.source):
            for target in _ordered(process, _targets(action)):
                if source != target:
                    found.setdefault((source, target), []).append(action.name)
    return found


def _targets(action: Action) -> frozenset[str]:
    return frozenset() if action.target is None else action.reaches()


def _ordered(process: Process, states: Iterable[str]) -> list[str]:
    """In the order of the declaration, as plain names."""
    wanted = set(states)
    return [str(value) for value in process.states.values if value in wanted]


def who(people: Who) -> str:
    roles = [str(role.label) for role in Role if role in people.roles]
    return ", ".join(roles + [PEOPLE[one] for one in Relation if one in people.relations])


def _action(process: Process, action: Action) -> tuple[str, ...]:
    return (
        f"`{action.name}`",
        str(action.title),
        _states(process, action.source),
        _states(process, _targets(action)) or "(stays)",
        who(action.by),
        ", ".join(f"`{name}`" if field.is_required() else name for name, field in action.form.model_fields.items()),
        "<br>".join(f"`{guard.rule}` {guard.message}" for guard in action.guards),
    )


def _deadline(process: Process, rule: DeadlineRule) -> tuple[str, ...]:
    return (
        f"`{rule.key}`",
        str(rule.title),
        _states(process, rule.runs_in),
        _states(process, rule.met_in),
        _states(process, rule.pauses_in),
        "to a given time" if rule.until is not None else allowance(rule.policy.preset),
        rule.policy.source,
    )


def _states(process: Process, states: Iterable[str]) -> str:
    return ", ".join(_ordered(process, states))


def allowance(table: ClockTable) -> str:
    """The preset as people say it: P1 15 min · others 30 min working time (08:00-20:00)."""
    parts = [f"{urgency} {_spell(clock)}" for urgency, clock in sorted(table.by_urgency.items())]
    return " · ".join([*parts, f"{'others ' if parts else ''}{_spell(table.default)}"])


def _spell(clock: Clock | None) -> str:
    if clock is None:
        return "none"
    unit, name = next(((u, n) for u, n in ((DAY, "d"), (HOUR, "h")) if not clock.minutes % u), (1, "min"))
    amount = f"{clock.minutes // unit} {name}"
    counted = {"working": "working time", "daily": "of every day"}.get(clock.mode)
    return f"{amount} {counted} ({clock.hours})" if counted else amount


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [heads, ("---",) * len(heads), *rows]
    return [f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines]
