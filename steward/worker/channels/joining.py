"""Several updates become one message, just before it is sent."""

from datetime import datetime, timedelta
from typing import Final

from steward.kernel import outbox
from steward.kernel.models import Outbox
from steward.kernel.policies import in_force
from steward.registers.messaging import policies
from steward.registers.messaging.models import Via
from steward.registers.messaging.presets import DIGEST, JOINED
from steward.registers.messaging.routing import DEFAULT_LANGUAGE
from steward.registers.messaging.templates import words_of
from steward.registers.messaging.ways import is_customers
from steward.registers.org.tree import place

#: What of the single texts fits into one SMS (three parts of 67 characters with its link).
SHORT: Final = 120


def join_waiting(row: Outbox, at: datetime) -> None:
    """What waits for the same recipient and is due within the window goes along."""
    window = in_force(policies.MERGE, lineage=place(row.project_id).lineage, at=at).value
    outbox.fold(row, until=at + timedelta(minutes=window), joined=_joined, at=at)


def _joined(rows: list[Outbox]) -> tuple[str, str]:
    first = rows[0]
    template = JOINED if is_customers(first.recipient) else DIGEST
    is_sms = first.channel == Via.SMS
    texts = _shorts(rows) if is_sms else "\n\n".join(f"{r.subject}\n{r.body}" for r in rows)
    language = str(first.payload.get("language") or DEFAULT_LANGUAGE)
    words = words_of(template, lineage=place(first.project_id).lineage, language=language)
    words = words.filled({"count": len(rows), "texts": texts})
    if not is_sms:
        return words.subject, words.body
    return words.subject, f"{words.short} {rows[-1].payload.get('link', '')}".strip()


def _shorts(rows: list[Outbox]) -> str:
    texts = "；".join(str(r.payload.get("text") or r.subject) for r in rows)
    return texts if len(texts) <= SHORT else f"{texts[: SHORT - 1]}…"
