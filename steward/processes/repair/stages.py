"""The stages of a repair, and who acts in them: what its actions and clocks are declared with."""

from typing import Final

from steward.cases.declare import OFFICE, by
from steward.kernel.actor import Role
from steward.processes.repair.models import State

S = State
BEFORE_VISIT: Final = frozenset({S.RECEIVED, S.DISPATCHED, S.ACCEPTED})
ON_THE_JOB: Final = frozenset({S.ON_SITE, S.SCOPED, S.APPROVING, S.QUOTED, S.AGREED, S.WORKING})
FINISHED: Final = frozenset({S.CHECKING, S.DONE, S.SETTLING, S.CLOSED})
OPEN: Final = frozenset(S) - {S.CLOSED, S.CANCELLED}
DISPATCHERS: Final = by(Role.DESK, Role.HEAD_BUTLER, Role.MANAGER)
CALLERS: Final = by(Role.BUTLER, Role.HEAD_BUTLER, Role.DESK)
STAFF: Final = OFFICE | by(Role.TECHNICIAN)


def at(*states: str) -> frozenset[str]:
    return frozenset(states)
