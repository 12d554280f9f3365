"""An inquiry at the desk: most are answered while the customer is on the phone."""

from collections.abc import Mapping
from typing import Any

from steward.cases.models import Case, Entry
from steward.casework.screens import SCREENS, Screen
from steward.kernel.actor import Actor
from steward.processes.inquiry.models import Inquiry


def begin(name: str, case: Case, _detail: Inquiry, _actor: Actor) -> Mapping[str, Any]:
    """What was asked and answered need not be typed again to be kept."""
    if name != "keep":
        return {}
    said = Entry.objects.in_project(case.project_id).filter(case_id=case.pk, action="answer").order_by("-seq")
    return {"question": case.title, "answer": said.values_list("note", flat=True).first() or ""}


SCREENS["inquiry"] = Screen(begin=begin, at_once=("answer", "answer"))
