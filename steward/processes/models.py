"""The details of all processes: one app, so that a process needs no app of its own."""

from steward.processes.complaint.models import Complaint
from steward.processes.repair.models import Consent, Quote, QuoteLine, Repair, UsedPart

__all__ = ["Complaint", "Consent", "Quote", "QuoteLine", "Repair", "UsedPart"]
