"""Repairs that end otherwise: called off, needed again, wet again after the rain."""

from dataclasses import replace
from datetime import timedelta

from steward.cases.models import Case
from steward.demo.scenes import PATROL, Crew, Order, Road
from steward.demo.stage import Scene, Stage
from steward.demo.words.repairs import CALLED_OFF, Job


def cancelled(stage: Stage, order: Order) -> Scene:
    """The customer calls again: it has settled itself."""
    road = Road(stage, replace(order, stop="open"))
    yield from road.play()
    yield stage.after(5, 12)
    stage.act(order.crew.desks[0], road.number, "cancel", reason=stage.rng.choice(CALLED_OFF))


def rework(stage: Stage, order: Order) -> Scene:
    """Closed, and some days later the same again: a case of its own that points to the first, free of charge."""
    first = Road(stage, order)
    yield from first.play()
    yield stage.by_day(stage.now + timedelta(days=stage.rng.uniform(3, 16)))
    again = replace(
        order, start=stage.now, origin=first.number, payer="common", payer_name="", settle="none", call="good", hold=""
    )
    yield from Road(stage, again).play()


def again_after_rain(stage: Stage, crew: Crew, job: Job, case: Case) -> Scene:
    """Asked after the rain, it was wet again: the case is open, and somebody goes a second time."""
    project = case.number.split("-")[1]
    order = Order(
        project=project, job=job, start=stage.now, crew=crew, unit=case.unit_label, payer="common", settle="none"
    )
    road = Road(stage, order)
    road.number, road.urgency, road.decided = case.number, case.urgency, True
    road.person = case.customer_name or PATROL
    for part in (road._send, road._visit, road._work, road._settle):  # noqa: SLF001  its second half
        yield from part()
