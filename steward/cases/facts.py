"""What cases announce, in the transaction of the step that caused it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from steward.cases.models import Case
from steward.kernel.facts import Fact

if TYPE_CHECKING:
    from steward.cases.engine import Step


@dataclass(frozen=True, kw_only=True)
class CaseFact(Fact):
    case: Case
    step: "Step"


class CaseOpened(CaseFact):
    pass


class CaseMoved(CaseFact):
    """Any action was done, whether the state changed or not; the timeline row is written."""


class CaseCompleted(CaseFact):
    """The work is done; callbacks start here, never at payment."""


class CaseClosed(CaseFact):
    pass


class CaseReopened(CaseFact):
    """A new round began: what was completed is open again."""
