"""The slow steps, done by the worker: whoever asked may close the page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from steward.kernel.models import Outbox
from steward.kernel.outbox import handles
from steward.registers.cutover import operations

STEPS: Final[dict[str, Callable[..., Any]]] = {
    "check": operations.check,
    "load": operations.load,
    "undo": operations.undo,
}


@handles(operations.TOPIC, resends=True)
def step(row: Outbox, at: datetime) -> None:
    """Begun again after a crash, each step finds how far it came."""
    STEPS[row.payload["step"]](project_id=row.project_id, run_id=row.payload["run"], at=at)
