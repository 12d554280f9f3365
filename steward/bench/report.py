"""Figures as a table: medians over the turns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from steward.bench.raw import Sample


def percentile(latencies: Sequence[int], share: float) -> float:
    """In milliseconds; 0 when nothing was measured."""
    if not latencies:
        return 0.0
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1000


@dataclass
class Side:
    """All turns of one side of one operation."""

    turns: list[Sample] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return median(turn.rate for turn in self.turns) if self.turns else 0.0

    def at(self, share: float) -> float:
        return median(percentile(turn.latencies, share) for turn in self.turns) if self.turns else 0.0

    def worked(self) -> str:
        """The web server's processor time per request in milliseconds: steadier than the rate on a busy machine."""
        return f"{median(turn.worked for turn in self.turns) * 1000:.1f}" if self.turns else "–"

    def cells(self) -> list[str]:
        if not self.turns:
            return ["–", "–", "–"]
        return [f"{self.rate:,.0f}", f"{self.at(0.5):.1f}", f"{self.at(0.95):.1f}"]


@dataclass
class Row:
    title: str
    product: Side = field(default_factory=Side)
    raw: Side = field(default_factory=Side)
    own: Side = field(default_factory=Side)

    def ratio(self, side: Side) -> str:
        """How many of the other side's requests go into one of the product's: 1/n. Of turns in pairs, the median."""
        pairs = [a.rate / b.rate for a, b in zip(side.turns, self.product.turns, strict=False) if b.rate]
        return f"1/{median(pairs):.1f}" if pairs else "–"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown; the first column is text, the others figures."""
    widths = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    rule = [f"{'-' * (w + 1)}{'-' if n == 0 else ':'}" for n, w in enumerate(widths)]
    lines = [_line(heads, widths), "|" + "|".join(rule) + "|", *(_line(row, widths) for row in rows)]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [c.ljust(w) if n == 0 else c.rjust(w) for n, (c, w) in enumerate(zip(cells, widths, strict=True))]
    return "| " + " | ".join(padded) + " |"


def beside_raw(rows: Sequence[Row]) -> str:
    heads = (
        "PostgreSQL",
        "req/s",
        "p50 ms",
        "p95 ms",
        "CPU ms",
        "raw/s",
        "p50",
        "p95",
        "of raw",
        "own SQL/s",
        "of own SQL",
    )
    return table(
        heads,
        [
            [
                r.title,
                *r.product.cells(),
                r.product.worked(),
                *r.raw.cells(),
                r.ratio(r.raw),
                r.own.cells()[0],
                r.ratio(r.own),
            ]
            for r in rows
        ],
    )


def alone(name: str, rows: Sequence[Row]) -> str:
    return table(
        (name, "req/s", "p50 ms", "p95 ms", "CPU ms"), [[r.title, *r.product.cells(), r.product.worked()] for r in rows]
    )
