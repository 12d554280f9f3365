"""Incidents 事件: one cause, many cases, one notice, one closing."""
