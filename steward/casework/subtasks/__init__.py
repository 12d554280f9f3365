"""Sub-tasks: a part of a case asked of another department, a colleague, a contractor, or upward (MISSION DSK-11).

Asked → accepted → reported back → confirmed (or declined, or dropped with a reason). The desk sees them all on the
case; while one is open the case cannot be closed. A contractor without account reports back by a single-use link.
"""

from steward.casework.subtasks.asked import Ask, Reason, Report
from steward.casework.subtasks.link import link_words, subtask_link
from steward.casework.subtasks.queries import (
    askable,
    asked_of,
    get,
    of_case,
    of_link,
    with_contractors,
)
from steward.casework.subtasks.rights import is_asked, may_lead
from steward.casework.subtasks.verbs import (
    accept_subtask,
    ask_subtask,
    confirm_subtask,
    decline_subtask,
    drop_subtask,
    report_subtask,
    return_subtask,
)

__all__ = [
    "Ask",
    "Reason",
    "Report",
    "accept_subtask",
    "ask_subtask",
    "askable",
    "asked_of",
    "confirm_subtask",
    "decline_subtask",
    "drop_subtask",
    "get",
    "is_asked",
    "link_words",
    "may_lead",
    "of_case",
    "of_link",
    "report_subtask",
    "return_subtask",
    "subtask_link",
    "with_contractors",
]
