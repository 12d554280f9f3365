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
from tests.week.compound import Compound
from tests.week.ledger import Account, Word
from tests.week.times import STEP, first_step, out_of

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


def carried(compound: Compound, accounts: Iterable[Account], until: datetime, provider: Provider) -> list[str]:
    """Each message to a customer leaves once: at night only what is urgent, the rest from eight in the morning on."""
    rows: dict[tuple[str, str, datetime], list[Outbox]] = defaultdict(list)
    inside = Outbox.objects.in_project(compound.project_id)
    sent = {r.event: r for r in inside.filter(channel="sms", recipient__startswith="customer:")}
    for row in inside.filter(channel="inapp", recipient__startswith="customer:"):
        rows[row.about, row.payload["template"], row.created_at].append(row)
    wrong = []
    for account in accounts:
        for word in account.words:
            for row in rows[account.number, word.template, word.at]:
                wrong += _gone(account, word, sent.get(row.event), until)
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


def _gone(account: Account, word: Word, row: Outbox | None, until: datetime) -> list[str]:
    step = first_step(word.at)
    if step > until:
        return []
    what = f"{account.number} {word.template} of {word.at}"
    if row is None:
        return [f"{what} never left"]
    urgent = account.urgency_at(step) in figures.URGENT and not word.can_wait
    earliest = step if urgent else first_step(out_of(step, (figures.NIGHT,)))
    latest = earliest if urgent else earliest + timedelta(minutes=figures.MERGE_MINUTES) + STEP
    if earliest > until or (row.state != OutboxState.DONE and latest > until):
        return [] if row.state != OutboxState.DONE else [f"{what} left before it may: {row.done_at}"]
    if row.done_at is None or not earliest <= row.done_at <= latest:
        return [f"{what} left at {row.done_at}, foreseen from {earliest} to {latest}"]
    return []
