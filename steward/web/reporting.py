"""A sub-task reported back from a phone: by a colleague in the field, or by a contractor behind a link."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpRequest

from steward.casework import subtasks
from steward.casework.models import SubTask
from steward.design.forms import Field, Form
from steward.kernel.actor import Actor
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError
from steward.registers.org.tree import place
from steward.web.forms import client_uuid, posted, questions
from steward.web.http import status_of


@dataclass(frozen=True)
class Typed:
    """What was typed and why it was refused."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, Any] = field(default_factory=dict)
    refusal: str = ""
    status: int = 200
    uuid: str = ""


def send_report(request: HttpRequest, row: SubTask, actor: Actor, at: datetime) -> Typed | None:
    """None when it was reported; else everything typed, pictures included, with what was wrong."""
    raw: dict[str, Any] = {}
    where, uuid = place(row.project_id), request.POST.get("client_uuid", "")
    try:
        raw = posted(subtasks.Report, request, actor=actor, project_id=where.id, tz=where.tz, at=at)
        subtasks.report_subtask(
            project_id=where.id, pk=row.pk, actor=actor, at=at, client_uuid=client_uuid(request), data=raw
        )
    except InvalidError as error:
        return Typed(raw or request.POST.dict(), error.fields, status=422, uuid=uuid)
    except (ConflictError, NotAllowedError) as error:
        return Typed(raw, {}, str(error), status_of(error), uuid)
    return None


def report_form(url: str, actor: Actor, submit: Any, typed: Typed | None) -> Form:
    was = typed or Typed(uuid=str(uuid4()))
    fields = questions(subtasks.Report, actor=actor, values=was.values, errors=was.errors)
    kept = [Field(name="photos", label="", kind="hidden", value=pk) for pk in was.values.get("photos", ())]
    hidden = Field(name="client_uuid", label="", kind="hidden", value=was.uuid)
    return Form(action=url, fields=[hidden, *kept, *fields], submit=submit, errors=[was.refusal] if was.refusal else ())
