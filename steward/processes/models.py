"""The details of all processes: one app, so that a process needs no app of its own."""

from steward.processes.repair.models import Consent, Quote, QuoteLine, Repair, UsedPart

__all__ = ["Consent", "Quote", "QuoteLine", "Repair", "UsedPart"]
