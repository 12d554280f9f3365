"""What the job sheet 任务单 of a repair says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from steward.cases.models import Case
from steward.casework.screens import Chain, screen_of
from steward.processes.repair import acceptance
from steward.processes.repair.models import CUSTOMER_PAYS, Consent, ConsentWay, Payer, QuoteLine, Repair, UsedPart
from steward.registers.billing.models import ItemKind

#: Lines to write on where nothing is known yet.
BLANK_LINES: Final = 4
BLANK_PARTS: Final = 3
LABELS: Final = {
    "before": _("Before"),
    "after": _("After"),
    "contain": _("Containment"),
    "finding": _("Investigation"),
    "signature": _("Signature"),
    "note": _("Note"),
    "check": _("Accepting"),
    "paper": _("Signed paper"),
}


@dataclass(frozen=True)
class Row:
    code: str
    name: str
    unit: str
    quantity: str
    price: Decimal | None = None
    amount: Decimal | None = None


def label_of(label: str) -> str:
    return str(LABELS.get(label, label))


def chain_of(case: Case, detail: Any, at: datetime) -> Chain | None:
    return screen_of(case.kind).chain(case, detail, at)


def job(case: Case, detail: Repair, at: datetime) -> dict[str, Any]:
    """Three queries: lines of the quote in force, the consent, the parts of this round."""
    quoted = _quoted(case, detail)
    parts = _parts(case)
    return {
        "detail": detail,
        "payer": _payer(case, detail),
        "customer_pays": not detail.payer or detail.payer in CUSTOMER_PAYS,
        "quoted": quoted,
        "blank_lines": range(0 if quoted or detail.finished_at else BLANK_LINES),
        "consent": _consent(case, detail),
        "is_common": acceptance.is_needed(detail),
        "parts": parts,
        "blank_parts": range(0 if detail.finished_at else max(0, BLANK_PARTS - len(parts))),
        "flat_rate": detail.flat_rate_name if detail.flat_rate_kind == ItemKind.FLAT else "",
        "call_out": detail.flat_rate_amount if detail.flat_rate_kind == ItemKind.CALL_OUT else None,
    }


def blank(detail: Repair) -> dict[str, Any]:
    """A sheet on which nothing is known yet."""
    return {
        "detail": detail,
        "payer": "",
        "customer_pays": True,
        "quoted": (),
        "blank_lines": range(BLANK_LINES),
        "consent": None,
        "is_common": False,
        "parts": (),
        "blank_parts": range(BLANK_PARTS),
        "flat_rate": "",
        "call_out": None,
    }


def _payer(case: Case, detail: Repair) -> str:
    if not detail.payer:
        return ""
    name = detail.payer_name or (case.customer_name if detail.payer in CUSTOMER_PAYS else "")
    return " ".join(filter(None, (str(Payer(detail.payer).label), name)))


def _quoted(case: Case, detail: Repair) -> Sequence[Row]:
    if not detail.quote_hash:
        return ()
    rows = QuoteLine.objects.in_project(case.project_id).filter(case_id=case.pk, quote__version=detail.quote_version)
    return [
        Row(x.code, x.name, x.unit, f"{x.quantity.normalize():f}", x.unit_price, x.amount)
        for x in rows.order_by("position")
    ]


def _consent(case: Case, detail: Repair) -> dict[str, Any] | None:
    if not detail.consent_hash:
        return None
    rows = Consent.objects.in_project(case.project_id).filter(
        case_id=case.pk, round=case.round, quote_hash=detail.consent_hash
    )
    found = rows.order_by("-pk").first()
    if found is None:
        return None
    return {
        "who": found.person_name,
        "relation": found.relation,
        "way": ConsentWay(found.way).label,
        "at": found.given_at,
        "reference": found.call_reference,
        "ceiling": found.ceiling,
    }


def _parts(case: Case) -> list[Row]:
    rows = UsedPart.objects.in_project(case.project_id).filter(case_id=case.pk, round=case.round).order_by("position")
    return [Row(x.code, x.name, "", f"{x.quantity.normalize():f}") for x in rows]
