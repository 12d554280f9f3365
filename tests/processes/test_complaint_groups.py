"""Several who complain together 群诉: who joined, each told and each asked, and who goes on alone."""

import uuid
from typing import Any

from steward.cases import engine
from steward.cases.engine import Outcome
from steward.cases.models import Case
from steward.casework.customer.links import actor_of, find_link
from steward.kernel.models import Outbox
from steward.processes.complaint import members
from steward.processes.complaint.models import Member
from tests.processes.test_complaint import INVESTIGATION, SOLUTION, received, refused
from tests.world import World


def joined(world: World, number: str, **data: Any) -> Member:
    world.act("desk", number, "join", **{"unit": "3-2-1101", **data})
    return Member.objects.in_project(world.project_id).filter(case__number=number).order_by("-pk")[0]


def to_solved(world: World, number: str) -> Outcome:
    world.act("desk", number, "acknowledge", severity="minor")
    handler = world.company.staff["headbutler"].pk
    world.act("desk", number, "assign", responsible_unit="环境部", handler=handler)
    world.act("headbutler", number, "investigate", **INVESTIGATION)
    world.act("headbutler", number, "answer", answer="今天清扫")
    return world.act("headbutler", number, "solve", **SOLUTION)


def together(world: World) -> tuple[str, Member]:
    """A complaint of 3-2-1201 which a household of another room has joined, solved."""
    number = received(world, unit="3-2-1201")
    member = joined(world, number, unit="2-1-0304")
    to_solved(world, number)
    world.pass_time(hours=5)
    return number, member


class TestGroup:
    def test_joins_once(self, world: World) -> None:
        number = received(world, unit="3-2-1201")
        member = joined(world, number, unit="2-1-0304", is_spokesperson=True)
        assert (member.customer_id is not None, member.is_spokesperson, member.name != "") == (True, True, True)
        assert refused(world, "desk", number, "join", unit="2-1-0304") == "complaint.joins_once"
        assert refused(world, "desk", number, "join", unit="3-2-1201") == "complaint.joins_once"
        assert Case.objects.in_project(world.project_id).get(number=number).complaint.persons == 2

    def test_one_speaks_for_all(self, world: World) -> None:
        number = received(world, unit="3-2-1201")
        first = joined(world, number, unit="2-1-0304", is_spokesperson=True)
        second = joined(world, number, unit="", name="楼上住户", phone="13900001111")
        world.act("desk", number, "spokesperson", member=second.pk)
        speaks = Member.objects.in_project(world.project_id).filter(is_spokesperson=True)
        assert [m.pk for m in speaks] == [second.pk]
        assert first.pk != second.pk

    def test_everybody_is_told(self, world: World) -> None:
        number, member = together(world)
        told = Outbox.objects.in_project(world.project_id).filter(payload__case=number, channel="inapp")
        theirs = {row.payload["template"] for row in told if row.recipient == f"customer:{member.customer_id}"}
        assert {"complaint.answered", "complaint.solved"} <= theirs

    def test_it_stays_open_until_everybody_was_asked(self, world: World) -> None:
        number, member = together(world)
        done = world.act("desk", number, "callback", outcome="satisfied", rating=4)
        assert done.case.state == "solved"
        done = world.act("desk", number, "hear", member=member.pk, outcome="satisfied", rating=3)
        assert (done.case.state, done.case.closed_at) == ("closed", world.now)

    def test_one_who_joined_rates_by_a_link_of_their_own(self, world: World) -> None:
        number, member = together(world)
        rows = Outbox.objects.in_project(world.project_id).filter(
            recipient=f"customer:{member.customer_id}", payload__template="complaint.solved"
        )
        token = rows.get(channel="inapp").payload["path"].split("/")[2]
        holder = actor_of(find_link(token), world.now)
        assert holder is not None
        world.act("desk", number, "callback", outcome="satisfied", rating=4)
        done = engine.act(
            project_id=world.project_id,
            number=number,
            action="evaluate",
            actor=holder,
            at=world.now,
            client_uuid=uuid.uuid4(),
            data={"rating": 1, "comment": "还是脏"},
        )
        member.refresh_from_db()
        assert (member.heard, member.rating) == ("self_rated", 1)
        assert (done.case.state, done.case.round) == ("received", 2)

    def test_three_times_not_reached_counts_as_asked(self, world: World) -> None:
        number, member = together(world)
        world.act("desk", number, "callback", outcome="satisfied", rating=4)
        states = []
        for _day in "123":
            states.append(world.act("desk", number, "hear", member=member.pk, outcome="no_answer").case.state)
            world.pass_time(days=1)
        assert states == ["solved", "solved", "closed"]

    def test_tries_are_as_far_apart_as_the_customers_own(self, world: World) -> None:
        number, member = together(world)
        vain = {"member": member.pk, "outcome": "no_answer"}
        world.act("desk", number, "hear", **vain)
        world.pass_time(hours=2)
        assert refused(world, "desk", number, "hear", **vain) == "callback.spacing"
        world.pass_time(hours=14)
        assert refused(world, "desk", number, "hear", **vain) == "callback.spacing"
        world.pass_time(hours=8)
        assert world.act("desk", number, "hear", **vain).case.state == "solved"

    def test_nobody_is_called_in_quiet_hours(self, world: World) -> None:
        number, member = together(world)
        world.pass_time(hours=8)
        answer = {"member": member.pk, "outcome": "satisfied", "rating": 4}
        assert refused(world, "desk", number, "hear", **answer) == "callback.quiet_hours"

    def test_only_one_who_joined(self, world: World) -> None:
        number, member = together(world)
        rule = refused(world, "desk", number, "hear", member=member.pk + 999, outcome="satisfied", rating=4)
        assert rule == "complaint.member_of_it"

    def test_asked_once_in_a_round(self, world: World) -> None:
        number, member = together(world)
        world.act("desk", number, "hear", member=member.pk, outcome="satisfied", rating=4)
        rule = refused(world, "desk", number, "hear", member=member.pk, outcome="satisfied", rating=4)
        assert rule == "complaint.heard_once"

    def test_leaving_needs_a_complaint_of_their_own(self, world: World) -> None:
        number, member = together(world)
        rule = refused(world, "desk", number, "split_off", member=member.pk, own_number="TS-NONE-1")
        assert rule == "complaint.own_complaint"

    def test_going_on_alone_twice_is_once(self, world: World) -> None:
        number, member = together(world)
        key = uuid.uuid4()
        one, two = (
            members.go_alone(
                project_id=world.project_id,
                number=number,
                member_id=member.pk,
                actor=world.actor("desk"),
                at=world.now,
                client_uuid=key,
            )
            for _ in "12"
        )
        assert one.case.number == two.case.number != number
        member.refresh_from_db()
        assert (member.left_to, one.case.unit_label) == (one.case.number, "2-1-0304")
        assert Case.objects.in_project(world.project_id).get(number=one.case.number).origin.number == number
