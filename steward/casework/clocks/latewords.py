"""The account of a late clock in plain sentences, in the language active now; times are the project's."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from steward.cases.models import Case
from steward.casework.clocks.lateness import MINUTE, ZERO, Account, Hold, Part
from steward.registers.org.tree import place

#: Parts named one by one; the rest is said as one.
NAMED: Final = 4
#: Of many who were told, so many by name.
NAMES: Final = 3


def sentences(found: Account, case: Case) -> list[str]:
    """What was promised, how it was counted, who had it how long, who was told, who is next."""
    say = _Saying(found, case)
    return [*say.verdict(), *say.counting(), *say.course(), *say.others(), *say.told(), *say.next()]


def paragraph(found: Account, case: Case) -> str:
    return _spaced(sentences(found, case))


def _spaced(said: Sequence[str]) -> str:
    """A Chinese full stop brings its own space."""
    return "".join(s if s.endswith("。") else f"{s} " for s in said).strip()


def short(found: Account, case: Case) -> str:
    """For a list: what is late, what took longest, whose turn it is."""
    say = _Saying(found, case)
    longest = _("Most of it: %(part)s.") % {"part": slowest(found)}
    return _spaced([*say.verdict(), longest, *say.next()])


def slowest(found: Account) -> str:
    """In half a line: what took longest, and whose it was."""
    part = found.longest
    return _part(part.what, part.who, part.minutes) if part is not None else ""


class _Saying:
    def __init__(self, found: Account, case: Case) -> None:
        self.found = found
        self.tz = place(case.project_id).tz
        self.day = found.due_at.astimezone(self.tz).date()

    def when(self, at: datetime, *, day: bool = False) -> str:
        """The day is left out where it is the day it was due."""
        local = at.astimezone(self.tz)
        if local.date() == self.day and not day:
            return f"{local:%H:%M}"
        return f"{local:%m-%d %H:%M}" if local.year == self.day.year else f"{local:%Y-%m-%d %H:%M}"

    def verdict(self) -> Iterator[str]:
        found = self.found
        over = found.over
        values = {
            "clock": found.title,
            "due": self.when(found.due_at, day=True),
            "end": self.when(found.until),
            "over": span(abs(over)),
        }
        if found.ended:
            text = _("%(clock)s: due %(due)s, done %(end)s, %(over)s late.")
            yield (text if found.is_late else _("%(clock)s: due %(due)s, done %(end)s, in time.")) % values
        elif over >= MINUTE:
            yield _("%(clock)s: due %(due)s, not done yet, %(over)s past it.") % values
        elif over >= ZERO:
            yield _("%(clock)s: due %(due)s, time is up and it is not done.") % values
        else:
            yield _("%(clock)s: due %(due)s, not done yet, %(over)s left.") % values

    def counting(self) -> Iterator[str]:
        found = self.found
        values = {"start": self.when(found.started_at), "allowed": span(found.allowed), "how": self._how()}
        if found.rule is not None and found.rule.until is not None:
            yield _("It runs from %(start)s to the time promised.") % values
        else:
            yield _("It runs from %(start)s, %(allowed)s are allowed (%(how)s).") % values
        left_out = [_hold(h) for h in found.paused]
        if found.rest >= MINUTE:
            left_out.append(_("%(span)s outside the hours that count") % {"span": span(found.rest)})
        if left_out:
            yield _("Not counted before it was due: %(parts)s.") % {"parts": _joined(left_out)}
        for hold in found.counted_holds:
            yield _("%(hold)s: that counts.") % {"hold": _hold(hold, put_off=True)}
        if found.is_late and found.paused_after >= MINUTE:
            text = _("After it was due it was paused for %(span)s, which does not undo the delay.")
            yield text % {"span": span(found.paused_after)}

    def _how(self) -> str:
        row = self.found.row
        hours = row.hours.replace(",", ", ")
        words = {"working": _("working time %(hours)s"), "daily": _("every day %(hours)s")}.get(row.mode, "")
        return words % {"hours": hours} if words else _("day and night")

    def course(self) -> Iterator[str]:
        found = self.found
        gross = found.gross // MINUTE
        shown = _shown(found.parts, gross)
        if not shown:
            return
        yield _("%(gross)s in all: %(parts)s.") % {"gross": spell(gross), "parts": _joined(shown)}
        part = found.longest
        if part is not None and len(shown) > 1:
            yield (_("Most of it: %(what)s (%(who)s).") if part.who else _("Most of it: %(what)s.")) % vars(part)

    def others(self) -> Iterator[str]:
        found = self.found
        for other in found.others:
            values = {"clock": other.title, "allowed": span(other.allowed), "used": span(other.used)}
            yield _("On the way: %(clock)s, %(allowed)s allowed, took %(used)s.") % values
        for one in found.asked:
            known, still = _("%(at)s %(who)s was asked for “%(what)s”, reported %(end)s."), ""
            still = _("%(at)s %(who)s was asked for “%(what)s”, no report yet.")
            yield self._answered(one, known, still)
        for one in found.offered:
            known = _("%(at)s %(what)s offered the case to %(who)s, answered %(end)s.")
            yield self._answered(one, known, _("%(at)s %(what)s offered the case to %(who)s, no answer yet."))

    def _answered(self, one: Any, known: str, still: str) -> str:
        values = {"at": self.when(one.at), "who": one.who or "—", "what": one.what}
        if one.answered_at is None:
            return still % values
        return known % {**values, "end": self.when(one.answered_at)}

    def told(self) -> Iterator[str]:
        said = []
        for told in self.found.told:
            text = _("%(at)s %(names)s warned") if told.stage == 0 else _("%(at)s escalated to %(names)s")
            said.append(text % {"at": self.when(told.at), "names": _names(told.names)})
        if said:
            yield _("Told by the system: %(list)s.") % {"list": _joined(said)}

    def next(self) -> Iterator[str]:
        who, what = self.found.waits
        if who:
            yield _("Now it is up to %(who)s: %(what)s.") % {"who": who, "what": what}
        elif what:
            yield _("Now to do: %(what)s.") % {"what": what}


def _shown(parts: Sequence[Part], gross: int) -> list[str]:
    """The longest by name, in the order they came; what is left in one sum, so that it still adds up."""
    named = sorted((p for p in parts if p.minutes), key=lambda p: -p.minutes)[:NAMED]
    shown = [_part(p.what, p.who, p.minutes) for p in parts if p in named]
    left = gross - sum(p.minutes for p in named)
    if left:
        shown.append(_("the rest %(span)s") % {"span": spell(left)})
    return shown


def _part(what: str, who: str, minutes: int) -> str:
    text = _("%(what)s %(span)s (%(who)s)") if who else _("%(what)s %(span)s")
    return text % {"what": what, "span": spell(minutes), "who": who}


def _hold(hold: Hold, *, put_off: bool = False) -> str:
    text = (
        ngettext("put off %(n)s time for %(span)s%(why)s", "put off %(n)s times for %(span)s%(why)s", hold.times)
        if put_off
        else ngettext("paused %(n)s time for %(span)s%(why)s", "paused %(n)s times for %(span)s%(why)s", hold.times)
    )
    why = _(" (%(reason)s)") % {"reason": hold.reason} if hold.reason else ""
    return text % {"n": hold.times, "span": span(hold.span), "why": why}


def _names(names: Sequence[str]) -> str:
    if len(names) <= NAMES:
        return _joined(names) or "—"
    first = _joined(names[:NAMES])
    return _("%(names)s and %(n)s others") % {"names": first, "n": len(names) - NAMES}


def _joined(words: Sequence[str]) -> str:
    return pgettext("list", ", ").join(words)


def span(amount: timedelta) -> str:
    return spell(amount // MINUTE)


def spell(minutes: int) -> str:
    """To the minute whatever its length, so that a sum can be checked: 3天4小时5分."""
    if minutes < 1:
        return _("under a minute")
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    words = []
    if days:
        words.append(_("%(n)d d ") % {"n": days})
    if hours:
        words.append(_("%(n)d h ") % {"n": hours})
    if left:
        words.append(_("%(n)d min ") % {"n": left})
    return "".join(words).strip()
