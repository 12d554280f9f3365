"""Who did what, when: one row for every change of reference data, every look at personal data, every export.

The timeline of a case is the audit of that case; everything else is written by :func:`record`, inside the verb's own
transaction. A sealer (``seal``) chains both afterwards, ``verify`` proves the chain.
"""

from steward.kernel.audit.record import Origin, changed, origin, record

__all__ = ["Origin", "changed", "origin", "record"]
