"""What goes in and comes out. Inputs refuse NUL and unknown fields; numbers are bounded."""

import uuid
from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field

from steward.cases.models import Channel
from steward.kernel.schema import Data, Instant, Line, Text


class Problem(Schema):
    """Any refusal, in the caller's language. ``rule`` names the rule of docs/rules.md (409, 403)."""

    code: str
    message: str
    rule: str = ""
    fields: dict[str, str] = {}


class Named(Schema):
    id: int
    name: str


class ProjectOut(Schema):
    code: str
    name: str
    kind: str
    roles: list[str]


class Me(Schema):
    username: str
    name: str
    kind: str
    language: str
    projects: list[ProjectOut]
    homes: list[dict[str, Any]]


class ProcessBrief(Schema):
    kind: str
    title: str
    prefix: str
    version: int


class StateOut(Schema):
    key: str
    title: str
    terminal: bool


class ActionOut(Schema):
    name: str
    title: str
    source: list[str] = Field(serialization_alias="from")
    to: list[str]
    roles: list[str]
    public: bool
    rules: list[str]
    data_schema: dict[str, Any] = Field(serialization_alias="schema")


class DeadlineRuleOut(Schema):
    key: str
    title: str
    policy: str
    runs_in: list[str]
    pauses_in: list[str]


class CategoryOut(Schema):
    code: str
    name: str
    urgency: str


class StaffOut(Schema):
    id: int
    name: str
    roles: list[str]
    skills: list[str]


class PriceOut(Schema):
    code: str
    name: str
    kind: str
    unit: str
    price: str


class OpenOut(Schema):
    roles: list[str]
    data_schema: dict[str, Any] = Field(serialization_alias="schema")


class ProcessOut(ProcessBrief):
    initial: str
    states: list[StateOut]
    open: OpenOut
    actions: list[ActionOut]
    deadlines: list[DeadlineRuleOut]
    categories: list[CategoryOut]
    staff: list[StaffOut]
    prices: list[PriceOut]


class CaseIn(Data):
    """A new case. Beside these, the fields of the kind's schema (``GET /processes/{kind}``)."""

    model_config = ConfigDict(extra="allow", str_strip_whitespace=True)

    client_uuid: uuid.UUID
    project: Line = Field(min_length=1, max_length=12)
    kind: Line = Field(min_length=1, max_length=20)
    title: Line = Field(min_length=1)
    description: Text = Field(max_length=5000)
    channel: Channel


class ActionIn(Data):
    client_uuid: uuid.UUID
    note: Text = Field("", max_length=2000)
    data: dict[str, Any] = {}
    happened_at: Instant | None = None


class CaseBrief(Schema):
    number: str
    project: str
    kind: str
    state: str
    state_title: str
    title: str
    urgency: str
    category: str
    unit: str
    place: str
    customer: str
    channel: str
    accountable: Named | None
    handler: Named | None
    received_at: datetime
    next_due_at: datetime | None
    next_due: str
    closed_at: datetime | None
    external_number: str


class CasePage(Schema):
    items: list[CaseBrief]
    next_cursor: str | None


class DeadlineOut(Schema):
    key: str
    title: str
    started_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str
    paused: bool
    pause_reason: str
    minutes: int
    mode: str
    policy_version: str


class AllowedAction(Schema):
    name: str
    title: str
    primary: bool


class CaseOut(CaseBrief):
    description: str
    reporter: str
    reporter_relation: str
    reporter_phone: str
    recorded_at: datetime
    promised_at: datetime | None
    version: int
    round: int
    deadlines: list[DeadlineOut]
    actions: list[AllowedAction]
    detail: dict[str, Any]


class LatePart(Schema):
    what: str
    who: str
    minutes: int


class LateOut(Schema):
    """Why a clock was or is late: ``parts`` add up to ``minutes`` from its start; ``text`` says it in sentences."""

    key: str
    title: str
    round: int
    started_at: datetime
    due_at: datetime
    until: datetime
    done: bool
    minutes: int
    late_minutes: int
    allowed_minutes: int
    paused_minutes: int
    rest_minutes: int
    parts: list[LatePart]
    waits_for: str
    waits_what: str
    text: str


class CaseWhole(CaseOut):
    late: list[LateOut]


class EntryOut(Schema):
    seq: int
    action: str
    title: str
    from_state: str
    to_state: str
    actor: str
    happened_at: datetime
    recorded_at: datetime
    note: str
    data: dict[str, Any]
    public: bool


class FileOut(Schema):
    id: int
    name: str
    size: int
