"""One cause, many cases: opened, told once, joined, left, closed together (MISSION DSK-12)."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from steward.assurance.incidents import known, verbs
from steward.assurance.models import Callback, Incident, IncidentCase, IncidentEntry
from steward.cases.models import Case, Deadline, Entry
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import Outbox
from steward.registers.estate.models import Building
from steward.registers.party.models import Occupancy
from tests.world import World


def building(world: World, code: str = "3") -> int:
    return Building.objects.in_project(world.project_id).get(code=code).pk


def begin(world: World, who: str = "desk", **data: Any) -> Incident:
    data = {
        "title": "3栋停水",
        "words": "3栋水管爆裂，正在抢修",
        "category": "leak",
        "building": building(world),
        **data,
    }
    data.setdefault("expected_at", world.now + timedelta(hours=6))
    uid = data.pop("client_uuid", None) or uuid.uuid4()
    return verbs.open_incident(
        project_id=world.project_id, actor=world.actor(who), at=world.now, client_uuid=uid, data=data
    )


def also(world: World, verb: Any, incident: Incident, who: str = "desk", **more: Any) -> Any:
    more.setdefault("client_uuid", uuid.uuid4())
    return verb(project_id=world.project_id, number=incident.number, actor=world.actor(who), at=world.now, **more)


def link(world: World, incident: Incident, number: str) -> None:
    also(world, verbs.link_case, incident, case_number=number)


def told(world: World, customer: int | None) -> list[str]:
    rows = Outbox.objects.in_project(world.project_id).filter(channel="inapp", recipient=f"customer:{customer}")
    return [r.event for r in rows.order_by("pk") if r.payload.get("incident")]


def unit(world: World, label: str) -> Any:
    return world.company.units[f"YX:{label}"]


def test_the_call_screen_says_it_first(world: World) -> None:
    begin(world)
    desk = world.actor("desk")

    def say(label: str) -> str:
        found = known.known_incident(
            actor=desk, project_id=world.project_id, unit_id=unit(world, label).pk, at=world.now
        )
        return found.line if found else ""

    assert say("3-2-1201") == "3栋停水，预计16:24恢复"
    assert say("2-1-0304") == ""
    assert known.known_incident(actor=desk, project_id=world.project_id, unit_id=None, at=world.now) is None


def test_floors_and_entrances_narrow_the_place(world: World) -> None:
    begin(world, entrance="2", floor_from=12, floor_to=18)
    desk = world.actor("desk")
    for label, affected in (("3-2-1201", True), ("3-2-1101", False)):
        found = known.known_incident(
            actor=desk, project_id=world.project_id, unit_id=unit(world, label).pk, at=world.now
        )
        assert (found is not None) is affected, label
    assert Incident.objects.in_project(world.project_id).get().place == "3栋2单元12至18层"


def test_residents_see_it_for_their_own_homes(world: World) -> None:
    begin(world)
    assert [k.title for k in known.incidents_of_homes(world.actor("owner"), at=world.now)] == ["3栋停水"]
    assert known.incidents_of_homes(world.actor("tenant"), at=world.now) == []


def test_another_project_sees_nothing(world: World) -> None:
    incident = begin(world)
    with pytest.raises(NotFoundError):
        verbs.load(project_id=world.project_id, number=incident.number, actor=world.actor("outsider"))
    assert (
        known.known_incident(actor=world.actor("outsider"), project_id=world.project_id, unit_id=None, at=world.now)
        is None
    )


def test_each_customer_is_told_once(world: World) -> None:
    case = world.open("desk", unit="7-1-0603").case
    incident = begin(world, cases=[world.open("desk").case.number])
    owner = world.company.customers["owner"].pk
    assert told(world, owner) == [f"{incident.number}:1"]
    assert told(world, world.company.customers["tenant"].pk) == []
    # Somebody from elsewhere who joins hears what was told before.
    link(world, incident, case.number)
    assert told(world, case.customer_id) == [f"{incident.number}:1"]
    also(world, verbs.tell_news, incident, data={"words": "水泵已到场"})
    assert len(told(world, owner)) == len(told(world, case.customer_id)) == 2


def test_who_opens_one_and_what_it_needs(world: World) -> None:
    with pytest.raises(NotAllowedError):
        begin(world, "tech")
    with pytest.raises(NotFoundError):
        begin(world, "outsider")
    wrong: dict[str, Any] = {
        "expected_at": world.now - timedelta(hours=1),
        "started_at": world.now + timedelta(hours=1),
        "entrance": "9",
        "category": "nonsense",
    }
    for field, value in wrong.items():
        with pytest.raises(InvalidError) as refused:
            begin(world, **{field: value})
        assert field in refused.value.fields
    assert not Incident.objects.in_project(world.project_id).exists()


def test_it_is_handled_by_somebody_who_sees_it(world: World) -> None:
    with pytest.raises(InvalidError) as refused:
        begin(world, handler=world.company.staff["outsider_tech"].pk)
    assert set(refused.value.fields) == {"handler"}


def test_what_is_promised_lies_ahead_and_what_is_over_lies_behind(world: World) -> None:
    incident = begin(world)
    world.pass_time(hours=1)
    with pytest.raises(InvalidError) as refused:
        also(
            world, verbs.tell_news, incident, data={"words": "快好了", "expected_at": world.now - timedelta(minutes=1)}
        )
    assert set(refused.value.fields) == {"expected_at"}
    for ended in (world.now + timedelta(hours=1), world.now - timedelta(hours=2)):
        with pytest.raises(InvalidError) as refused:
            also(world, verbs.close_incident, incident, data={"words": "已修复", "ended_at": ended})
        assert set(refused.value.fields) == {"ended_at"}


def test_a_double_click_is_one_incident(world: World) -> None:
    same = uuid.uuid4()
    end = world.now + timedelta(hours=2)
    first, second = (begin(world, client_uuid=same, expected_at=end) for _ in range(2))
    assert first.pk == second.pk
    with pytest.raises(InvalidError):
        begin(world, client_uuid=same, title="别的", expected_at=end)


def test_clocks_run_together(world: World) -> None:
    """Told and taken care of: the answer clock of each is met; one arrival is the arrival of all."""
    numbers = [world.open("desk", title=t, category="water").case.number for t in ("没水", "停水了")]
    incident = begin(world, cases=numbers)

    def outcomes(key: str) -> set[str]:
        rows = Deadline.objects.in_project(world.project_id).filter(case__number__in=numbers, key=key)
        return set(rows.values_list("outcome", flat=True))

    assert outcomes("response") == {"met"}
    assert outcomes("arrival") == {""}
    world.pass_time(minutes=20)
    also(world, verbs.on_site, incident)
    assert outcomes("arrival") == {"met"}
    assert set(Case.objects.in_project(world.project_id).values_list("promised_at", flat=True)) == {
        incident.expected_at
    }


def test_one_closing_and_each_keeps_its_callback(world: World) -> None:
    numbers = [world.open("desk", title=t, category="water").case.number for t in ("没水", "停水了")]
    inquiry = world.open("desk", kind="inquiry", title="什么时候来水").case.number
    complaint = world.open("desk", kind="complaint", title="老是停水").case.number
    incident = begin(world, cases=[*numbers, inquiry, complaint])
    world.pass_time(hours=3)
    closing = also(world, verbs.close_incident, incident, data={"words": "已修复，恢复供水"})
    assert closing.done == [*numbers, inquiry]
    assert list(closing.left) == [complaint]
    states = dict(Case.objects.in_project(world.project_id).values_list("number", "state"))
    assert [states[n] for n in (*numbers, inquiry, complaint)] == ["settling", "settling", "answered", "received"]
    open_calls = Callback.objects.in_project(world.project_id).filter(ended_at__isnull=True)
    assert sorted(open_calls.values_list("case__number", flat=True)) == sorted(numbers)
    assert told(world, world.company.customers["owner"].pk) == [f"{incident.number}:1", f"{incident.number}:2"]
    with pytest.raises(ConflictError):
        also(world, verbs.tell_news, incident, data={"words": "还有"})


class TestCommonParts:
    """The closing says that the work is done, not that it is good: butler or engineer looks at it as ever (DSK-3)."""

    def begun(self, world: World, handler: str = "", **data: Any) -> tuple[str, Incident]:
        data = {"title": "立管漏水", "category": "leak", "urgency": "P1", "payer": "common", **data}
        number = world.open("desk", **data).case.number
        seen_to: dict[str, Any] = {"handler": world.company.staff[handler].pk} if handler else {}
        return number, begin(world, cases=[number], **seen_to)

    def closed(self, world: World, incident: Incident) -> Any:
        world.pass_time(hours=3)
        return also(world, verbs.close_incident, incident, data={"words": "已换管，恢复供水"})

    def case(self, world: World, number: str) -> Case:
        return Case.objects.in_project(world.project_id).get(number=number)

    def test_the_closing_leaves_them_to_be_accepted(self, world: World) -> None:
        number, incident = self.begun(world)
        closing = self.closed(world, incident)
        assert (closing.done, closing.waits) == ([number], [number])
        assert self.case(world, number).state == "checking"
        running = Deadline.objects.in_project(world.project_id).filter(case__number=number, ended_at__isnull=True)
        assert {"acceptance", "callback"} <= set(running.values_list("key", flat=True))
        heard = Outbox.objects.in_project(world.project_id).filter(payload__template="to_accept")
        staff = world.company.staff
        assert set(heard.values_list("recipient", flat=True)) == {f"staff:{staff[w].pk}" for w in ("butler", "desk")}

    def test_accepted_and_called_back_it_closes(self, world: World) -> None:
        number, incident = self.begun(world)
        self.closed(world, incident)
        world.act("butler", number, "accept_work")
        assert self.case(world, number).state == "settling"
        world.pass_time(hours=1)
        world.act("desk", number, "callback", outcome="satisfied", rating=4)
        assert self.case(world, number).state == "closed"

    def test_whoever_saw_to_the_incident_does_not_accept(self, world: World) -> None:
        number, incident = self.begun(world, handler="butler")
        self.closed(world, incident)
        with pytest.raises(ConflictError) as refused:
            world.act("butler", number, "accept_work")
        assert refused.value.rule == "repair.accepted_by_another"
        assert world.act("headbutler", number, "accept_work").case.state == "settling"

    def test_whoever_had_come_for_the_case_did_the_work(self, world: World) -> None:
        number, incident = self.begun(world, handler="tech2")
        world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
        for action in ("accept", "arrive"):
            world.act("tech", number, action)
        self.closed(world, incident)
        assert self.case(world, number).handler_id == world.company.staff["tech"].pk

    @pytest.mark.parametrize(("handler", "state"), [("", "received"), ("butler", "received"), ("tech", "working")])
    def test_not_good_enough_somebody_goes_again(self, world: World, handler: str, state: str) -> None:
        number, incident = self.begun(world, handler=handler)
        self.closed(world, incident)
        again = world.act("headbutler", number, "refuse_work", reason="还在渗")
        assert (again.case.state, again.case.round) == (state, 2)
        assert again.case.handler_id == (world.company.staff["tech"].pk if handler == "tech" else None)
        world.act(
            "desk", number, "redispatch" if handler == "tech" else "dispatch", handler=world.company.staff["tech"].pk
        )

    def test_somebodys_own_is_the_customers_to_judge(self, world: World) -> None:
        number, incident = self.begun(world, payer="owner")
        self.closed(world, incident)
        assert self.case(world, number).state == "settling"


def test_what_is_agreed_with_the_customer_stays_open(world: World) -> None:
    """Money agreed, somebody at work: that case is finished on its own, and the closing says so."""
    from tests.processes.test_repair_story import to_quoted  # noqa: PLC0415

    number = to_quoted(world)
    incident = begin(world, cases=[number])
    closing = also(world, verbs.close_incident, incident, data={"words": "已修复"})
    assert closing.done == []
    assert number in closing.left
    assert Case.objects.in_project(world.project_id).get(number=number).state == "quoted"


def test_a_case_leaves_when_its_cause_is_another(world: World) -> None:
    number = world.open("desk", category="water").case.number
    incident = begin(world, cases=[number])
    also(world, verbs.unlink_case, incident, case_number=number, data={"reason": "是自家角阀漏水"})
    case = Case.objects.in_project(world.project_id).get(number=number)
    assert case.promised_at is None
    closing = also(world, verbs.close_incident, incident, data={"words": "已修复"})
    assert (closing.done, closing.left) == ([], {})
    last = Entry.objects.in_project(world.project_id).filter(case=case).order_by("-seq").first()
    assert last is not None
    assert (last.data["event"], last.note, last.actor_name) == ("left", "是自家角阀漏水", "周敏")


def test_one_cause_at_a_time(world: World) -> None:
    number = world.open("desk").case.number
    begin(world, cases=[number])
    other = begin(world, title="3栋停电", category="power")
    with pytest.raises(ConflictError) as refused:
        link(world, other, number)
    assert refused.value.rule == "incident.one_cause"


def test_the_next_caller_is_one_key(world: World) -> None:
    incident = begin(world)
    same = uuid.uuid4()
    data = {"unit": "3-2-1201", "reporter_name": "王淑芬"}
    for _ in range(2):
        case = also(world, verbs.add_caller, incident, client_uuid=same, data=data)
    assert (case.title, case.kind, case.unit_label) == ("3栋停水", "repair", "3-2-1201")
    assert IncidentCase.objects.in_project(world.project_id).count() == 1
    steps = IncidentEntry.objects.in_project(world.project_id).values_list("step", flat=True)
    assert list(steps.order_by("seq")) == ["opened", "linked"]


def test_not_told_at_night_unless_it_is_danger(world: World) -> None:
    from steward.worker.loop import run_until_idle  # noqa: PLC0415

    world.now = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)  # 23:30 there
    incidents = {u: begin(world, urgency=u, title=f"停水{u}") for u in ("P1", "P0")}
    run_until_idle(world.now)
    owner = world.company.customers["owner"].pk
    for urgency, sent in (("P1", "pending"), ("P0", "done")):
        rows = Outbox.objects.in_project(world.project_id).filter(
            event=f"{incidents[urgency].number}:1", recipient=f"customer:{owner}", channel="email"
        )
        assert [r.state for r in rows] == [sent], urgency


def test_nine_cases_warn_once(world: World) -> None:
    """Each clock fires and stands in its own timeline; whoever answers hears of the incident once."""
    from steward.casework.clocks import sweep  # noqa: PLC0415

    numbers = [world.open("desk", title=t, category="power").case.number for t in ("没电", "停电了", "灯不亮")]
    begin(world, cases=numbers, expected_at=world.now + timedelta(days=3))
    world.pass_time(hours=47)
    for project_id, pk in sweep.due(world.now):
        sweep.fire(project_id, pk, world.now)
    warned = Entry.objects.in_project(world.project_id).filter(action="warn", data__deadline="completion")
    assert warned.count() == 3
    rows = Outbox.objects.in_project(world.project_id).filter(channel="inapp", recipient__startswith="staff:")
    told_staff = [r for r in rows if r.payload.get("template") == "deadline_warn" and ":completion:" in r.event]
    assert len(told_staff) == 1


def test_a_promised_end_is_not_let_pass_in_silence(world: World) -> None:
    from steward.assurance.incidents.watch import ask_for_news  # noqa: PLC0415

    incident = begin(world, expected_at=world.now + timedelta(hours=1))

    def reminders() -> int:
        rows = Outbox.objects.in_project(world.project_id).filter(event__startswith="incident-news:", channel="inapp")
        return rows.count()

    ask_for_news(world.pass_time(minutes=40))
    assert reminders() == 0
    for _ in range(2):
        ask_for_news(world.pass_time(minutes=6))
    assert reminders() == 1
    also(world, verbs.tell_news, incident, data={"words": "还要一小时", "expected_at": world.now + timedelta(hours=1)})
    ask_for_news(world.pass_time(minutes=5))
    assert reminders() == 1
    ask_for_news(world.pass_time(minutes=50))
    assert reminders() == 2


def test_whoever_still_lives_there_is_told_and_whoever_comes_later_is_not(world: World) -> None:
    going, coming = world.company.customers["owner"], world.company.customers["tenant"]
    stays = Occupancy.objects.in_project(world.project_id)
    stays.filter(customer=going).update(until=world.now + timedelta(days=3))
    home = stays.filter(customer=going).values_list("unit_id", flat=True)[0]
    stays.create(
        project_id=world.project_id, unit_id=home, customer=coming, role="tenant", since=world.now + timedelta(days=4)
    )
    begin(world)
    assert told(world, going.pk)
    assert not told(world, coming.pk)
