"""Complaints laid apart: by month, class, cause …; each figure leads to its cases."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from steward.cases.models import Channel
from steward.casework.categories import categories
from steward.insight.complaints import FIGURES, Counted
from steward.insight.hotspots import Row
from steward.processes.complaint.models import Cause, Severity, Validity
from steward.registers.org.tree import place


@dataclass(frozen=True)
class Way:
    """How complaints are laid apart: by what, and what that is called. An empty key: not known."""

    title: Any
    key: Callable[[Row], str]
    name: Callable[[str], Any]


def _month(row: Row) -> str:
    return f"{row.received_at.astimezone(place(row.project_id).tz):%Y-%m}"


def _first_level(row: Row) -> str:
    found = categories().get(row.category_id or 0)
    return str(found.parent_id or found.id) if found is not None else ""


def _category(row: Row) -> str:
    return str(row.category_id or "")


def _category_name(key: str) -> Any:
    found = categories().get(int(key)) if key.isdecimal() else None
    return found.title(get_language() or "") if found is not None else ""


def _plain(name: str) -> Callable[[Row], str]:
    return lambda row: str(getattr(row, name) or "")


def _labels(choices: Any) -> Callable[[str], Any]:
    known = dict(choices.choices)
    return lambda key: known.get(key, key)


WAYS: Final[dict[str, Way]] = {
    "month": Way(_("By month"), _month, str),
    "class": Way(_("By class"), _first_level, _category_name),
    "category": Way(_("By category"), _category, _category_name),
    "severity": Way(_("By severity"), _plain("severity"), _labels(Severity)),
    "validity": Way(_("By validity"), _plain("validity"), _labels(Validity)),
    "cause": Way(_("By cause"), _plain("cause"), _labels(Cause)),
    "unit": Way(_("By responsible unit"), _plain("responsible"), str),
    "building": Way(_("By building"), _plain("building"), str),
    "channel": Way(_("By channel"), _plain("channel"), _labels(Channel)),
}


@dataclass(frozen=True)
class Line:
    """One group, or all together. ``shares`` are None where there are too few to say."""

    key: str
    name: str
    counts: Mapping[str, int] = field(default_factory=dict)
    small: int = 0

    @property
    def is_small(self) -> bool:
        return self.counts["received"] < self.small

    def share(self, kept: str, late: str) -> Decimal | None:
        """Of those judged: one that still runs is neither kept nor late."""
        judged = self.counts[kept] + self.counts[late]
        if not judged or judged < self.small:
            return None
        return (Decimal(100 * self.counts[kept]) / judged).quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def answered(self) -> Decimal | None:
        return self.share("answered", "answered_late")

    @property
    def solved(self) -> Decimal | None:
        return self.share("solved", "solved_late")


def lines(counted: Counted, by: str) -> list[Line]:
    """Months in their order, others by size; what is not known comes last."""
    way = WAYS[by]
    groups: dict[str, Counter[str]] = {}
    for row in counted.rows:
        groups.setdefault(way.key(row), Counter()).update(_counts(counted, row))
    found = [_line(key, str(way.name(key)) if key else "", n, counted.small) for key, n in groups.items()]
    if by == "month":
        return sorted(found, key=lambda line: line.key)
    return sorted(found, key=lambda line: (not line.key, -line.counts["received"], line.name))


def whole(counted: Counted) -> Line:
    total: Counter[str] = Counter()
    for row in counted.rows:
        total.update(_counts(counted, row))
    return _line("", "", total, counted.small)


def _counts(counted: Counted, row: Row) -> dict[str, int]:
    return {name: 1 for name, (_title, test) in FIGURES.items() if test(counted, row)}


def _line(key: str, name: str, counts: Counter[str], small: int) -> Line:
    return Line(key, name, {figure: counts[figure] for figure in FIGURES}, small)


@dataclass(frozen=True)
class Pick:
    """One figure of a page as the list of cases asks for it: ``severity.major.answered_late``."""

    by: str
    key: str
    figure: str

    @classmethod
    def parse(cls, text: str) -> "Pick | None":
        """None for what no page offers."""
        by, _dot, rest = text.partition(".")
        key, _dot, figure = rest.rpartition(".")
        known = (by in WAYS and figure in FIGURES) or (by in ("all", "spot") and figure in FIGURES)
        return cls(by, key, figure) if known else None

    def __str__(self) -> str:
        return f"{self.by}.{self.key}.{self.figure}"

    def cases(self, counted: Counted) -> frozenset[int]:
        if self.by == "spot":
            return frozenset(pk for spot in counted.spots if spot.key == self.key for pk in spot.cases)
        way, test = WAYS.get(self.by), FIGURES[self.figure][1]
        rows = counted.rows if way is None else [row for row in counted.rows if way.key(row) == self.key]
        return frozenset(row.pk for row in rows if test(counted, row))

    def words(self, counted: Counted) -> str:
        """What the list is narrowed to."""
        title = str(FIGURES[self.figure][0])
        if self.by == "spot":
            spot = next((s for s in counted.spots if s.key == self.key), None)
            return f"{title} · {spot.title}" if spot is not None else title
        way = WAYS.get(self.by)
        if way is None:
            return title
        return f"{way.title} · {way.name(self.key) if self.key else _('not known')} · {title}"
