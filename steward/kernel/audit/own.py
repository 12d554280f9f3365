"""The audit rows themselves are sealed."""

from typing import Final

from steward.kernel.audit.ledgers import Ledger, sealed
from steward.kernel.audit.models import AuditEvent, CompanyEvent

SAID: Final = (
    "at",
    "kind",
    "what",
    "actor_kind",
    "actor_key",
    "actor_name",
    "subject_kind",
    "subject_id",
    "label",
    "before",
    "after",
    "reason",
    "ip",
    "session",
)


def register() -> None:
    sealed(Ledger(mark=1, name="kernel.audit", model=AuditEvent, recorded="at", fixed=SAID, side="personal"))
    sealed(
        Ledger(
            mark=2,
            name="kernel.company_audit",
            model=CompanyEvent,
            recorded="at",
            fixed=SAID,
            side="personal",
            company=True,
        )
    )
