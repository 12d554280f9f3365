"""How a deadline is shown: always icon, word and colour together, and always the clock time beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

Tone = Literal["late", "soon", "ok", "wait", "brand", ""]

SOON = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class ClockFace:
    tone: Tone
    icon: str
    word: str
    amount: str = ""
    detail: str = ""


def clock_face(
    due_at: datetime | None,
    now: datetime,
    *,
    met_at: datetime | None = None,
    paused: bool = False,
    reason: str = "",
    soon: timedelta = SOON,
) -> ClockFace:
    """The face of one deadline at `now`. `reason` explains a pause; `soon` is the warning span."""
    if met_at is not None:
        return _met(due_at, met_at)
    if paused:
        return ClockFace(tone="wait", icon="player-pause", word=pgettext("clock", "Paused"), detail=reason)
    if due_at is None:
        return ClockFace(tone="", icon="minus", word=pgettext("clock", "No deadline"))
    left = due_at - now
    at = when(due_at, now)
    if left < timedelta(0):
        return ClockFace(
            tone="late",
            icon="alert-triangle",
            word=pgettext("clock", "Late"),
            amount=duration(-left),
            detail=_("due %(at)s") % {"at": at},
        )
    near = left <= soon
    return ClockFace(
        tone="soon" if near else "ok",
        icon="alarm" if near else "clock",
        word=pgettext("clock", "Left"),
        amount=duration(left),
        detail=_("until %(at)s") % {"at": at},
    )


def _met(due_at: datetime | None, met_at: datetime) -> ClockFace:
    if due_at is not None and met_at > due_at:
        word = pgettext("clock", "Done late")
        return ClockFace(tone="late", icon="clock-exclamation", word=word, amount=duration(met_at - due_at))
    return ClockFace(tone="ok", icon="circle-check", word=pgettext("clock", "Kept"))


def duration(span: timedelta) -> str:
    """35分 · 1小时12分 · 3天4小时: two units at most, never seconds; under a minute counts as one."""
    minutes = max(1, int(span.total_seconds() // 60))
    hours, m = divmod(minutes, 60)
    d, h = divmod(hours, 24)
    if d:
        return (_("%(d)d d %(h)d h") if h else _("%(d)d d")) % {"d": d, "h": h}
    if h:
        return (_("%(h)d h %(m)02d min") if m else _("%(h)d h")) % {"h": h, "m": m}
    return _("%(m)d min") % {"m": m}


def when(moment: datetime, now: datetime) -> str:
    """The shortest unambiguous local time: 10:42 · 明天 12:00 · 11-25 09:00 · 2025-11-25 09:00."""
    zone = timezone.get_current_timezone()
    local, today = timezone.localtime(moment, zone), timezone.localtime(now, zone)
    clock = f"{local:%H:%M}"
    days = (local.date() - today.date()).days
    if days == 0:
        return clock
    if abs(days) == 1:
        return f"{_('tomorrow') if days > 0 else _('yesterday')} {clock}"
    pattern = "%m-%d" if local.year == today.year else "%Y-%m-%d"
    return f"{local.strftime(pattern)} {clock}"
