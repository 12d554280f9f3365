"""The timeline of a case is its audit, and is sealed like it."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from steward.cases.models import Case, Entry
from steward.kernel.audit.ledgers import Ledger, sealed

#: What never changes. Who it was and what was said are personal, and may be rewritten on record.
FIXED = (
    "case_id",
    "seq",
    "action",
    "from_state",
    "to_state",
    "actor_kind",
    "actor_key",
    "client_uuid",
    "payload_hash",
    "happened_at",
    "recorded_at",
    "is_public",
    "is_late_entry",
)


def gaps(project_id: int) -> Iterator[str]:
    """Every case counts its timeline: one that is cut short does not add up, sealed or not."""
    cases = Case.objects.in_project(project_id).annotate(lines=Count("entries", filter=Q(entries__project=project_id)))
    for number, version, lines in cases.exclude(version=F("lines")).values_list("number", "version", "lines"):
        yield f"case {number} counts {version} lines of its timeline, {lines} are there"


def register() -> None:
    sealed(
        Ledger(
            mark=3,
            name="cases.entry",
            model=Entry,
            recorded="recorded_at",
            fixed=FIXED,
            personal=("actor_name", "note", "data"),
            whole=gaps,
        )
    )
