"""What can be wrong with a drawing of states and moves, whatever they stand for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    name: str
    sources: frozenset[str]
    targets: frozenset[str]


def faults(states: set[str], initial: str, terminal: Iterable[str], moves: Iterable[Move]) -> Iterator[str]:
    """Every fault: unknown states, names used twice, states nobody reaches, states nobody leaves."""
    moves = list(moves)
    yield from strangers("initial", {initial}, states)
    yield from strangers("terminal", terminal, states)
    names = [move.name for move in moves]
    yield from (f"action {n} is declared twice" for n in sorted({n for n in names if names.count(n) > 1}))
    for move in moves:
        yield from strangers(f"action {move.name}", move.sources | move.targets, states)
    yield from (f"state {s} cannot be reached" for s in sorted(states - _reached(initial, moves)))
    leaving = {s for move in moves for s in move.sources if move.targets - {s}}
    yield from (f"state {s} is a dead end" for s in sorted(states - leaving - set(terminal)))


def strangers(where: str, named: Iterable[str], states: set[str]) -> list[str]:
    return [f"{where}: unknown state {s}" for s in sorted(set(named) - states)]


def _reached(initial: str, moves: list[Move]) -> set[str]:
    reached = {initial}
    while more := {s for move in moves if move.sources & reached for s in move.targets} - reached:
        reached |= more
    return reached
