"""Duty log, shift handover, daily brief and the manager's daily check (MISSION DSK-13)."""
