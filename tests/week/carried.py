"""What left the house: a provider that only writes down, and when the rules let each message go."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from steward.kernel.models import Outbox, OutboxState
from steward.registers.party.models import Customer
from steward.registers.workforce.models import Staff
from steward.worker.channels.ports import Sms
from tests.week import figures
from tests.week.calculation_common import Affair
from tests.week.compound import Compound
from tests.week.ledger import Account
from tests.week.times import STEP, first_step, inside, out_of

URL: Final = "http://sms.example"


class Provider:
    """Takes every message; ``taken`` holds when, to whom and what."""

    can_be_asked = True

    def __init__(self) -> None:
        self.taken: list[tuple[datetime, str, str]] = []

    def send(self, sms: Sms) -> None:
        self.taken.append((timezone.now(), sms.to, sms.text))

    def took(self, key: object) -> bool:
        raise AssertionError(f"nothing was cut off, yet {key} is asked for")


def carried(
    compound: Compound, accounts: Iterable[Account], affairs: Iterable[Affair], until: datetime, provider: Provider
) -> list[str]:
    """Each message to a customer leaves once: at night only what is urgent, the rest from eight in the morning on."""
    rows: dict[tuple[str, str, datetime], list[Outbox]] = defaultdict(list)
    inside = Outbox.objects.in_project(compound.project_id)
    sent = {(r.event, r.recipient): r for r in inside.filter(channel="sms", recipient__startswith="customer:")}
    for row in inside.filter(channel="inapp", recipient__startswith="customer:"):
        rows[row.about, row.payload["template"], row.created_at].append(row)
    wrong = []
    for account in accounts:
        for word in account.words:
            for row in rows[account.number, word.template, word.at]:
                urgent = account.urgency_at(first_step(word.at)) in figures.URGENT and not word.can_wait
                what = f"{account.number} {word.template} of {word.at}"
                wrong += _gone(what, word.at, sent.get((row.event, row.recipient)), until, urgent=urgent)
    for affair in affairs:
        for notice in affair.notices:
            for who, at in notice.told.items():
                event, to = f"{affair.number}:{notice.seq}", f"customer:{who}"
                row_out = sent.get((event, to))
                urgent = affair.urgency == "P0"  # danger to life is told at night, the rest waits
                wrong += _gone(f"{event} to {to} of {at}", at, row_out, until, urgent=urgent)
    return wrong + _at_the_provider(compound, sent.values(), provider)


def _at_the_provider(compound: Compound, sent: Iterable[Outbox], provider: Provider) -> list[str]:
    """What the books call sent was taken once, by nobody but customers and colleagues."""
    customers = set(Customer.objects.in_project(compound.project_id).values_list("phone", flat=True))
    colleagues = set(Staff.objects.values_list("phone", flat=True))
    taken = [to for _at, to, _text in provider.taken]
    alone = sum(r.state == OutboxState.DONE and "into" not in r.payload for r in sent)
    wrong = [f"to a stranger: {to}" for to in taken if to not in customers | colleagues]
    if alone != sum(to in customers for to in taken):
        wrong.append(f"{sum(to in customers for to in taken)} messages at the provider, {alone} in the books")
    return wrong


def _gone(what: str, at: datetime, row: Outbox | None, until: datetime, *, urgent: bool) -> list[str]:
    """At once if it is urgent; else not at night, and with what follows within minutes as one."""
    step = first_step(at)
    if step > until:
        return []
    if row is None:
        return [f"{what} never left"]
    earliest = step if urgent else first_step(out_of(step, (figures.NIGHT,)))
    joined = first_step(earliest + timedelta(minutes=figures.MERGE_MINUTES))
    latest = earliest if urgent else first_step(out_of(joined, (figures.NIGHT,))) + STEP
    if earliest > until or (row.state != OutboxState.DONE and latest > until):
        return [] if row.state != OutboxState.DONE else [f"{what} left before it may: {row.done_at}"]
    at_night = not urgent and row.done_at is not None and inside(row.done_at, figures.NIGHT)
    if row.done_at is None or not earliest <= row.done_at <= latest or at_night:
        return [f"{what} left at {row.done_at}, foreseen from {earliest} to {latest}"]
    return []
