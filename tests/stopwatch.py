"""How long something takes, said for a calm machine: those of CI are slow, shared and different every time."""

import re
import time
from collections.abc import Callable
from typing import Any

#: Processor seconds of `yardstick` on the machine on which the budgets of the tests were set.
CALM = 0.05


def yardstick() -> None:
    """Much like what the product does all day: strings, dictionaries, calls, patterns."""
    for n in range(4_300):
        row = {str(i): (n, i) for i in range(8)}
        re.sub(r"\d+", lambda found: found[0], " ".join(f"{key}={value}" for key, value in row.items()))


def seconds(work: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> float:
    began = clock()
    work()
    return clock() - began


def slowness(clock: Callable[[], float] = time.process_time) -> float:
    """How many times longer than on the calm machine things take just now, never below 1."""
    return max(1.0, seconds(yardstick, clock) / CALM)


def calm_seconds(work: Callable[[], Any], *, rounds: int = 3, clock: Callable[[], float] = time.process_time) -> float:
    """What the quickest of some rounds would take on the calm machine. The yardstick is laid before and after."""
    return min(_round(work, clock) for _ in range(rounds))


def _round(work: Callable[[], Any], clock: Callable[[], float]) -> float:
    before = slowness(clock)
    took = seconds(work, clock)
    return took / max(before, slowness(clock))
