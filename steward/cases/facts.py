from dataclasses import dataclass

from steward.cases.models import Case
from steward.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Fact):
    case: Case


@dataclass(frozen=True, kw_only=True)
class CaseCompleted(Fact):
    """The work is done; callbacks start here, never at payment."""

    case: Case
    category_is_leak: bool


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Fact):
    case: Case


@dataclass(frozen=True, kw_only=True)
class CaseReopened(Fact):
    """A new round began: what was completed is open again."""

    case: Case
