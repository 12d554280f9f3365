"""One burst main going on, one power cut over, three calls that may have one cause, and a month of weather."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from steward.assurance.incidents import verbs
from steward.assurance.models import Incident
from steward.demo.stage import ZONE, Scene, Stage
from steward.registers.estate import weather
from steward.registers.estate.models import Building, Unit, UnitStatus

#: Millimetres of the last days, the latest first; some autumn rain.
RAIN: Final = (0, 6.4, 0, 0, 1.2, 0, 0, 0, 14.8, 3.1, 0, 0, 0, 0, 0, 0.4, 0, 9.6, 22.3, 0, 0, 0, 0, 0, 2.6, 0, 0, 0)


def scenes(stage: Stage) -> list[Scene]:
    return [_weather(stage), _power_cut(stage), _burst_main(stage), _maybe_one(stage)]


def _homes(stage: Stage, start: str, count: int) -> list[str]:
    rows = Unit.objects.in_project(stage.company.nodes["YX"].pk).filter(label__startswith=start)
    lived_in = rows.filter(status__in=(UnitStatus.OCCUPIED, UnitStatus.LET)).order_by("label")
    return list(lived_in.values_list("label", flat=True)[:count])


def _building(stage: Stage, code: str) -> int:
    return Building.objects.in_project(stage.company.nodes["YX"].pk).get(code=code).pk


def _open(stage: Stage, **data: Any) -> Incident:
    return verbs.open_incident(
        project_id=stage.company.nodes["YX"].pk,
        actor=stage.actor("desk"),
        at=stage.now,
        client_uuid=stage.uuid(),
        data=data,
    )


def _do(stage: Stage, verb: Any, incident: Incident, who: str = "desk", **more: Any) -> None:
    verb(
        project_id=incident.project_id,
        number=incident.number,
        actor=stage.actor(who),
        at=stage.now,
        client_uuid=stage.uuid(),
        **more,
    )


def _weather(stage: Stage) -> Scene:
    """Typed in every morning for the day before."""
    for ago in range(len(RAIN), 0, -1):
        yield stage.day(ago - 1, 8, 40) if ago > 1 else stage.ago(minutes=90)
        day = (stage.now.astimezone(ZONE) - timedelta(days=1)).date()
        weather.record_rain(
            project_id=stage.company.nodes["YX"].pk,
            day=day,
            millimetres=Decimal(str(RAIN[ago - 1])),
            actor=stage.actor("desk2"),
            at=stage.now,
            reason="补记",
        )


def _power_cut(stage: Stage) -> Scene:
    """Yesterday evening, over after two hours; the callbacks are today's."""
    homes = _homes(stage, "8-1-", 3)
    yield stage.day(1, 18, 5)
    first = stage.open("desk", project="YX", title="家里突然没电", channel="phone", unit=homes[0], category="power")
    yield stage.now + timedelta(minutes=6)
    incident = _open(
        stage,
        title="8栋1单元停电",
        words="配电箱跳闸，工程人员正在检修",
        category="power",
        building=_building(stage, "8"),
        entrance="1",
        handler=stage.staff_id("tech"),
        expected_at=stage.now + timedelta(hours=2),
        cause="公共配电箱断路器老化",
        cases=[first.case.number],
    )
    for home in homes[1:]:
        yield stage.now + timedelta(minutes=9)
        _do(stage, verbs.add_caller, incident, data={"unit": home})
    yield stage.now + timedelta(minutes=12)
    _do(stage, verbs.on_site, incident)
    yield stage.now + timedelta(minutes=50)
    _do(stage, verbs.close_incident, incident, data={"words": "已更换断路器，恢复供电"})


def _burst_main(stage: Stage) -> Scene:
    """Going on now: four have called, somebody is there, a new time was told."""
    homes = _homes(stage, "6-2-", 4)
    yield stage.ago(minutes=75)
    incident = _open(
        stage,
        title="6栋2单元停水",
        words="单元立管爆裂，已关总阀，正在抢修",
        category="water",
        building=_building(stage, "6"),
        entrance="2",
        handler=stage.staff_id("tech"),
        expected_at=stage.now + timedelta(hours=3),
        cause="DN65 立管接头爆裂",
    )
    for home in homes:
        yield stage.now + timedelta(minutes=6)
        _do(stage, verbs.add_caller, incident, data={"unit": home})
    yield stage.now + timedelta(minutes=5)
    _do(stage, verbs.on_site, incident)
    yield stage.now + timedelta(minutes=15)
    news = {"words": "配件已到场，更换接头后恢复供水", "expected_at": stage.now + timedelta(hours=3)}
    _do(stage, verbs.tell_news, incident, data=news)


def _maybe_one(stage: Stage) -> Scene:
    """Three homes of one building in half an hour: proposed, nobody has decided yet."""
    words = ("电梯又停在一楼不动了", "电梯停了，一楼不动", "电梯不动，停在一楼很久了")
    for n, (home, title) in enumerate(zip(_homes(stage, "4-1-", 3), words, strict=False)):
        yield stage.ago(minutes=28 - 9 * n)
        stage.open("desk2", project="YX", title=title, channel="phone", unit=home, category="lift", urgency="P1")
