"""Incidents: some of the past months, one burst main going on, one power cut over, three calls that may have one cause."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from steward.assurance.incidents import verbs
from steward.assurance.models import Incident, IncidentCase
from steward.demo.stage import Scene, Stage
from steward.demo.words.office import INCIDENTS
from steward.registers.estate.models import Building, Unit, UnitStatus


def scenes(stage: Stage, *, days: int, rain: Sequence[float]) -> list[Scene]:
    """``days`` of past ones, at even distances; where the cause is the rain, on the wettest day."""
    wettest = max(range(len(rain)), key=rain.__getitem__) + 1 if rain else 1
    gone = []
    for n, told in enumerate(INCIDENTS):
        ago = max(2, wettest) if told[3] == "drain" else 4 + round((days - 4) * (n + 0.6) / len(INCIDENTS))
        gone += [_over(stage, ago, *told)] if days > ago else []
    return [*gone, _power_cut(stage), _burst_main(stage), _maybe_one(stage)]


def _homes(stage: Stage, start: str, count: int) -> list[str]:
    rows = Unit.objects.in_project(stage.company.nodes["YX"].pk).filter(label__startswith=start)
    lived_in = rows.filter(status__in=(UnitStatus.OCCUPIED, UnitStatus.LET)).order_by("label")
    return list(lived_in.values_list("label", flat=True)[:count])


def _building(stage: Stage, code: str) -> int:
    return Building.objects.in_project(stage.company.nodes["YX"].pk).get(code=code).pk


def _open(stage: Stage, **data: Any) -> Incident:
    incident = verbs.open_incident(
        project_id=stage.project("YX"),
        actor=stage.actor("desk"),
        at=stage.now,
        client_uuid=stage.uuid(),
        data=data,
    )
    stage.watch_running(incident.project_id)
    return incident


def _do(stage: Stage, verb: Any, incident: Incident, who: str = "desk", **more: Any) -> None:
    verb(
        project_id=incident.project_id,
        number=incident.number,
        actor=stage.actor(who),
        at=stage.now,
        client_uuid=stage.uuid(),
        **more,
    )
    stage.watch_running(incident.project_id)


def _over(
    stage: Stage, ago: int, code: str, title: str, words: str, category: str, minutes: int, cause: str, done: str
) -> Scene:
    """Some call, the notice goes out, somebody is there, it is over; the calls back follow."""
    homes = stage.rng.sample(_homes(stage, f"{code}-" if code else "", 200), stage.rng.randrange(2, 5))
    yield stage.day(ago, stage.rng.choice((7, 9, 18, 20)), stage.rng.randrange(55))
    about = {"building": _building(stage, code)} if code else {}
    technicians = ("tech", "yx_tech3", "tech2", "yx_tech4")
    incident = _open(
        stage,
        title=title,
        words=words,
        category=category,
        handler=stage.staff_id(stage.rng.choice(technicians)),
        expected_at=stage.now + timedelta(minutes=minutes),
        cause=cause,
        **about,
    )
    for home in homes:
        yield stage.after(2, 14)
        _do(stage, verbs.add_caller, incident, data={"unit": home})
    yield stage.after(5, 20)
    _do(stage, verbs.on_site, incident)
    yield stage.now + timedelta(minutes=minutes * 0.7)
    _do(stage, verbs.close_incident, incident, data={"words": done})
    yield from _call_all(stage, incident)


def _call_all(stage: Stage, incident: Incident) -> Scene:
    """Each caller is asked whether it is right again."""
    links = IncidentCase.objects.in_project(incident.project_id).filter(incident=incident).order_by("pk")
    for number in list(links.values_list("case__number", flat=True)):
        yield stage.callable_from(number, stage.after(20, 60))
        comment = stage.rng.choice(("恢复了，通知也及时", "好了，谢谢", "就是停得久了点", "已恢复，没问题"))
        stage.act("desk", number, "callback", outcome="satisfied", rating=stage.rng.choice((3, 4)), comment=comment)


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
