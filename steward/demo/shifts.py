"""Every day at the office: who is on duty, what was seen, the manager's check, the rain, the calls after it."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from steward.assurance.duty import verbs
from steward.assurance.models import Callback, Purpose, RainClock
from steward.cases.models import Case
from steward.demo.aftermath import again_after_rain
from steward.demo.present import JZ, RT, YX
from steward.demo.stage import Scene, Stage
from steward.demo.words.office import BY_DAY, BY_NIGHT, CHECKS, KEYS, LEFT_OVER
from steward.demo.words.repairs import COMMENTS, WARRANTY
from steward.kernel.models import Outbox
from steward.registers.estate import weather

#: Who is on duty by day and by night, and for how many days the log was kept here.
ROTAS: Final = (
    ("YX", ("desk", "desk2"), ("yx_night", "yx_night2"), 400),
    ("RT", ("tower_desk",), ("rt_manager",), 14),
    ("JZ", ("outsider", "jz_desk2"), ("jz_manager",), 14),
)
BEGINS: Final = {"day": (8, 0), "night": (20, 0)}


def scenes(stage: Stage, *, days: int, rain: Sequence[float]) -> list[Scene]:
    logs = [_log(stage, code, min(days, kept), by_day, by_night) for code, by_day, by_night, kept in ROTAS]
    checks = [_checks(stage, "YX", "manager", days), _checks(stage, "JZ", "jz_manager", min(days, 14))]
    rains = [_typed_rain(stage, days, rain), _rain_from_file(stage, days, rain)]
    return [*logs, *checks, *rains, _calls_after_rain(stage, days), _put_away(stage, days)]


def _log(stage: Stage, code: str, days: int, by_day: tuple[str, ...], by_night: tuple[str, ...]) -> Scene:
    """Shift after shift: the one before hands over, the next signs; between the two, what was seen."""
    lines = {"day": _deck(stage, BY_DAY), "night": _deck(stage, BY_NIGHT)}
    yield stage.day(days, 7, 50)
    verbs.go_on_duty(**stage.by(by_night[0], code))
    giver = by_night[0]
    for ago in range(days, -1, -1):
        for shift, crew in (("day", by_day), ("night", by_night)):
            taker = crew[ago % len(crew)]
            yield stage.day(ago, *BEGINS[shift]) - timedelta(minutes=stage.rng.randrange(4, 12))
            offered = _offer(stage, code, giver, taker)
            yield stage.after(3, 9)
            verbs.answer_shift(**stage.by(taker, code), pk=offered, data={"accept": True})
            giver = taker
            for _line in range(stage.rng.choice((1, 2, 2, 3))):
                yield stage.after(25, 210)
                _write(stage, code, taker, next(lines[shift]))


def _deck(stage: Stage, lines: Sequence[tuple[str, ...]]) -> Any:
    """All of them in a random order before any comes again."""
    rng = Random(stage.rng.random())  # noqa: S311  a story, not a secret
    while True:
        yield from rng.sample(list(lines), len(lines))


def _offer(stage: Stage, code: str, giver: str, taker: str) -> int:
    data = {
        "receiver": stage.staff_id(taker),
        "items": stage.rng.choice(LEFT_OVER),
        "keys": stage.rng.choice(KEYS),
    }
    where = stage.by(giver, code)
    return verbs.offer_shift(**where, client_uuid=stage.uuid(), data=data).pk


def _write(stage: Stage, code: str, who: str, line: tuple[str, ...]) -> None:
    kind, place, person, text = line
    seen = stage.now - timedelta(minutes=stage.rng.randrange(2, 15))
    data = {"happened_at": seen.isoformat(), "kind": kind, "place": place, "person": person, "text": text}
    where = stage.by(who, code)
    verbs.write_entry(**where, client_uuid=stage.uuid(), data=data)


def _checks(stage: Stage, code: str, manager: str, days: int) -> Scene:
    """Signed nearly every morning; now and then a point is not in order, and says why."""
    for ago in range(days, -1, -1):
        yield stage.day(ago, 9, 15 + stage.rng.randrange(40))
        if stage.rng.random() < 0.06:
            continue
        data = {}
        for point, note in CHECKS.items():
            bad = bool(note) and stage.rng.random() < 0.07
            data[point] = {"ok": not bad, "note": note if bad else ""}
        verbs.sign_check(**stage.by(manager, code), data=data)


def _typed_rain(stage: Stage, days: int, rain: Sequence[float]) -> Scene:
    """Typed in every morning for the day before."""
    for ago in range(days, 0, -1):
        yield stage.day(ago - 1, 8, 40) if ago > 1 else stage.ago(minutes=90)
        day = stage.day(ago, 12).date()
        fallen = Decimal(str(rain[ago - 1]))
        weather.record_rain(**stage.by("desk2"), day=day, millimetres=fallen, reason="补记")


def _rain_from_file(stage: Stage, days: int, rain: Sequence[float]) -> Scene:
    """Elsewhere the desk loads the weather office's table once a week."""
    for ago in range(days - 6, 0, -7):
        yield stage.day(ago, 9, 5)
        week = [(stage.day(ago + n, 12), rain[ago + n - 1]) for n in range(1, 8) if ago + n <= days]
        table = "日期,降水量\n" + "".join(f"{at:%Y-%m-%d},{mm}\n" for at, mm in week)
        for code, who in (("JZ", "outsider"), ("RT", "tower_desk")):
            where = stage.by(who, code)
            weather.import_rain(**where, content=table.encode())


def _calls_after_rain(stage: Stage, days: int) -> Scene:
    """Every forenoon: whose leak was repaired before the rain is asked whether it stays dry."""
    for ago in range(days - 1, -1, -1):
        yield stage.day(ago, 10, 40)
        stage.watch(RainClock.objects.unscoped().filter(ended_at__isnull=True), RainClock.key)
        rows = Callback.objects.unscoped().filter(purpose=Purpose.AFTER_RAIN, ended_at__isnull=True)
        due = rows.filter(waits_for_rain=False, not_before__lte=stage.now, case__closed_at__isnull=False)
        for row in due.select_related("case").order_by("pk")[:3]:
            if ago < 2 or stage.rng.random() < 0.25:
                continue
            yield from _call_after_rain(stage, row.case)


def _call_after_rain(stage: Stage, case: Case) -> Scene:
    crew = {"YX": YX, "RT": RT, "JZ": JZ}[case.number.split("-")[1]]
    yield stage.callable_from(case.number, stage.after(6, 15))
    good = stage.rng.random() < 0.93
    said = stage.rng.choice(COMMENTS) if good else "雨一大又渗了，和上次一个地方"
    outcome, rating = ("satisfied", stage.rng.choice((3, 4, 4))) if good else ("unsatisfied", 1)
    data = {"outcome": outcome, "rating": rating, "comment": said, "purpose": "after_rain"}
    stage.act(crew.callers[0], case.number, "callback", **data)
    if not good:
        yield from again_after_rain(stage, crew, WARRANTY[0], case)


def _put_away(stage: Stage, days: int) -> Scene:
    """What was told in the app is read the same day; further up within some days."""
    for ago in range(days, 0, -1):
        yield stage.day(ago, 7, 40)
        rows = Outbox.objects.unscoped().filter(channel="inapp", read_at__isnull=True)
        keys = [f"staff:{stage.staff_id(who)}" for who in ("region", "north", "hq")]
        old = rows.filter(created_at__lt=stage.now - timedelta(hours=12)).exclude(recipient__in=keys)
        old.update(read_at=stage.now)
        rows.filter(created_at__lt=stage.now - timedelta(days=4)).update(read_at=stage.now)
