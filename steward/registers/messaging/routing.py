"""The way of one message out of the house: which channels, which words, when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from steward.kernel import outbox
from steward.kernel.models import Outbox, OutboxState
from steward.kernel.outbox import Message
from steward.kernel.policies import in_force
from steward.registers.messaging import policies
from steward.registers.messaging.models import ContactPreference, Via
from steward.registers.messaging.presets import LATE, WARN
from steward.registers.messaging.templates import REGISTRY, Template, Words, words_of
from steward.registers.messaging.ways import GROUP, ROBOTS, configured, is_customers, mobile, robot_of
from steward.registers.org.tree import Place, place
from steward.registers.party.models import Customer
from steward.registers.workforce.people import colleagues

DEFAULT_LANGUAGE: Final = "zh-hans"
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
DANGER: Final = "P0"
STAFF_TEXTS: Final = {"deadline_warn": WARN, "deadline_late": LATE}


@dataclass(frozen=True)
class Out:
    """The message to carry out: ``row`` as it stands in the app, what its case says, where its link leads."""

    row: Outbox
    urgency: str
    link: str

    @property
    def here(self) -> Place:
        return place(self.row.project_id)


def ways(out: Out, at: datetime) -> list[Message]:
    """What is to be sent where; empty if nobody can or wants to be reached. Safe to ask again: same events."""
    preference = _preference(out.row)
    if is_customers(out.row.recipient):
        return _to_customer(out, preference, at)
    return _to_staff(out, preference, at)


def _preference(row: Outbox) -> ContactPreference:
    found = ContactPreference.objects.in_project(row.project_id).filter(recipient=row.recipient).first()
    return found or ContactPreference(project_id=row.project_id, recipient=row.recipient)


def _to_customer(out: Out, preference: ContactPreference, at: datetime) -> list[Message]:
    template = REGISTRY.get(str(out.row.payload.get("template", "")))
    at_night = in_force(policies.AWAKE, lineage=out.here.lineage, at=at).value
    urgent = out.urgency in at_night and not (template is not None and template.idle)
    if preference.muted and not urgent:
        return []
    order = preference.channels or in_force(policies.CUSTOMER_ORDER, lineage=out.here.lineage, at=at).value
    addresses = _addresses(out, order)
    if not addresses:
        return []
    (via, to), *then = addresses
    window = in_force(policies.MERGE, lineage=out.here.lineage, at=at).value
    joins = (
        bool(window)
        and not urgent
        and not out.row.payload.get("path")
        and not (template is not None and template.alone)
    )
    extra = {
        "to": to,
        "then": then,
        "urgent": urgent,
        "joins": joins,
        "language": preference.language or DEFAULT_LANGUAGE,
        "link": out.link,
    }
    run_after = _after_the_last(out.row, via, at) if joins else at
    return [_worded(out.row, via, extra, run_after)]


def _addresses(out: Out, order: Sequence[str]) -> list[tuple[str, str]]:
    """(channel, address) in order, those that are set up and where there is an address."""
    pk = int(out.row.recipient.partition(":")[2])
    customer = Customer.objects.in_project(out.row.project_id).filter(pk=pk).first()
    if customer is None:
        return []
    known = {str(Via.SMS): mobile(customer.phone), str(Via.EMAIL): customer.email}
    open_ways = configured(out.here)
    return [(via, known[via]) for via in order if via in open_ways and known.get(via)]


def _after_the_last(row: Outbox, via: str, at: datetime) -> datetime:
    """The first word goes at once; more within a few minutes wait and go as one."""
    window = timedelta(minutes=in_force(policies.MERGE, lineage=place(row.project_id).lineage, at=at).value)
    sent = Outbox.objects.in_project(row.project_id).filter(
        recipient=row.recipient, channel=via, state=OutboxState.DONE, done_at__gt=at - window, done_at__lte=at
    )
    last = sent.order_by("-pk").first()
    return last.done_at + window if last is not None and last.done_at is not None else at


def _worded(row: Outbox, via: str, extra: dict[str, Any], run_after: datetime) -> Message:
    """In the recipient's language, at the length of the channel. ``text`` is the short form without its link."""
    kept = {k: row.payload[k] for k in ("case", "path", "template", "values") if k in row.payload}
    template = REGISTRY.get(str(kept.get("template", "")))
    words = Words(row.subject, row.body or row.subject, row.subject)
    link = str(extra.get("link", ""))
    if template is not None:
        lineage = place(row.project_id).lineage
        words = words_of(template, lineage=lineage, language=extra["language"]).filled(kept.get("values") or {})
        if kept.get("path"):
            words = Words(words.subject, f"{words.body}\n{link}", words.short)
    body = f"{words.short} {link}".strip() if via == Via.SMS else words.body
    payload = {**kept, **extra, "text": words.short}
    return Message(
        event=row.event,
        recipient=row.recipient,
        channel=via,
        subject=words.subject,
        body=body,
        payload=payload,
        run_after=run_after,
    )


@outbox.after_dead
def next_way(row: Outbox, at: datetime) -> None:
    """The channel failed for good: the same words go the next way, in the transaction that marks the failure."""
    then = row.payload.get("then") or []
    if not then:
        return
    (via, to), *rest = then
    extra = {k: row.payload[k] for k in ("urgent", "joins", "language", "link") if k in row.payload}
    source = row
    if not row.payload.get("parts"):
        there = Outbox.objects.in_project(row.project_id).filter(event=row.event, recipient=row.recipient)
        source = there.filter(channel="inapp").first() or row
    else:  # what was joined stays joined
        extra["joins"] = False
        source.payload = {k: v for k, v in row.payload.items() if k != "template"}
    outbox.post([_worded(source, via, {**extra, "to": to, "then": rest}, at)], project_id=row.project_id, at=at)


def _to_staff(out: Out, preference: ContactPreference, at: datetime) -> list[Message]:
    lineage = out.here.lineage
    stage = int(out.row.payload.get("stage") or 0)
    wakes = bool(out.row.payload.get("wakes"))
    urgent = out.urgency == DANGER or stage >= in_force(policies.STAFF_STAGE, lineage=lineage, at=at).value or wakes
    if preference.muted and not urgent:
        return []
    chosen: Sequence[str] = in_force(
        policies.STAFF_URGENT if urgent else policies.STAFF_ORDINARY,
        lineage=lineage,
        at=at,
    ).value
    words = _staff_words(out, preference.language or DEFAULT_LANGUAGE)
    run_after = at if urgent else _next_slot(lineage, at)
    open_ways = configured(out.here)
    targets = [(via, _staff_address(out, via)) for via in chosen if via in open_ways]
    return [_for_staff(out, via, to, words, urgent, run_after) for via, to in targets if to]


def _next_slot(lineage: Sequence[int], at: datetime) -> datetime:
    step = timedelta(minutes=in_force(policies.STAFF_DIGEST, lineage=lineage, at=at).value)
    return EPOCH + ((at - EPOCH) // step + 1) * step


def _staff_address(out: Out, via: str) -> str:
    if via in ROBOTS:
        return GROUP if robot_of(out.here, via) else ""
    someone = colleagues().get(int(out.row.recipient.partition(":")[2]))
    if someone is None or not someone.is_active:
        return ""
    return mobile(someone.phone) if via == Via.SMS else someone.email


def _staff_words(out: Out, language: str) -> Words:
    payload, number = out.row.payload, str(out.row.payload.get("case", ""))
    template: Template | None = STAFF_TEXTS.get(str(payload.get("template", "")))
    if template is None:
        return Words(out.row.subject, out.row.body or out.row.subject, out.row.subject)
    due = payload.get("due_at")
    values = {
        "number": number,
        "title": out.row.subject.removeprefix(number).strip(),
        "deadline": payload.get("deadline", ""),
        "stage": payload.get("stage", ""),
        "why": out.row.body,
        "when": f"{timezone.localtime(datetime.fromisoformat(due), out.here.tz):%m-%d %H:%M}" if due else "",
    }
    return words_of(template, lineage=out.here.lineage, language=language).filled(values)


def _for_staff(out: Out, via: str, to: str, words: Words, urgent: bool, run_after: datetime) -> Message:  # noqa: FBT001
    row = out.row
    text = words.short if via == Via.SMS else f"{words.body}\n{out.link}".strip()
    return Message(
        event=row.event,
        recipient=GROUP if via in ROBOTS else row.recipient,
        channel=via,
        subject=words.subject,
        body=text,
        payload={
            "case": row.payload.get("case", ""),
            "to": to,
            "urgent": urgent,
            "joins": not urgent,
            "text": words.short,
        },
        run_after=run_after,
    )
