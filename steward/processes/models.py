"""The details of all processes: one app, so that a process needs no app of its own."""

from steward.processes.complaint.models import Complaint
from steward.processes.inquiry.models import Inquiry
from steward.processes.praise.models import Praise
from steward.processes.repair.models import Consent, Quote, QuoteLine, Repair, UsedPart
from steward.processes.service_order.models import ServiceOrder
from steward.processes.suggestion.models import Suggestion

__all__ = [
    "Complaint",
    "Consent",
    "Inquiry",
    "Praise",
    "Quote",
    "QuoteLine",
    "Repair",
    "ServiceOrder",
    "Suggestion",
    "UsedPart",
]
