"""Papers of a case: what stands on them, who gets them, and how fast."""

import uuid
from typing import Any

import pytest

from steward.casework.accountability import handovers
from steward.kernel.audit.models import AuditEvent
from steward.kernel.errors import NotFoundError
from steward.papers import cases, health, render
from steward.papers.cases import PAPERS, Printed, print_case
from steward.papers.formats import Format
from tests.processes.test_repair_story import to_quoted, to_settling
from tests.rules import road
from tests.rules.test_price_and_acceptance import asked
from tests.stopwatch import calm_seconds
from tests.world import World

EVERY = [(p.name, sheet) for p in PAPERS.values() if p.fits("repair") for sheet in p.formats]
PHONE = "13912345678"
MASKED = "139****5678"


def printed(world: World, number: str, name: str = "job", sheet: Format = Format.A4, who: str = "desk") -> Printed:
    return print_case(
        project_id=world.project_id, number=number, name=name, sheet=sheet, actor=world.actor(who), at=world.now
    )


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The HTML of what is printed: the words of a PDF are glyph numbers."""
    made: list[str] = []

    def keep(template: str, context: dict[str, Any], sheet: Format) -> bytes:
        made.append(render.html(template, context, sheet, 100))
        return b"%PDF"

    monkeypatch.setattr(cases, "pdf", keep)
    return made


@pytest.mark.parametrize(("name", "sheet"), EVERY)
def test_every_paper_prints_in_every_format_quickly(world: World, name: str, sheet: Format) -> None:
    number = to_settling(world)
    made = printed(world, number, name, sheet)
    assert made.content.startswith(b"%PDF-")
    assert calm_seconds(lambda: printed(world, number, name, sheet)) < 1.5
    assert made.filename == f"{number}-{name}.pdf"


def test_a_job_sheet_names_what_where_who_and_how_much(world: World, seen: list[str]) -> None:
    number = to_settling(world)
    printed(world, number)
    for words in (
        number,
        "3-2-1201",
        "王淑芬",
        "李建国",
        "更换地暖分水器接头",
        "286.00",
        "周晓岚",
        "更换接头2只，试压合格",
    ):
        assert words in seen[0], words


@pytest.mark.parametrize(("name", "sheet"), EVERY)
def test_a_bare_case_prints_too(world: World, name: str, sheet: Format) -> None:
    number = world.open("desk", unit="", place="东门岗亭").case.number
    assert printed(world, number, name, sheet).content.startswith(b"%PDF-")


def test_what_was_late_beside_the_cases_own_clocks_is_printed_too(world: World, seen: list[str]) -> None:
    number = world.open("desk", kind="suggestion", title="加装路灯", urgency="P1").case.number
    handovers.offer_handover(
        project_id=world.project_id,
        number=number,
        data={"receiver": world.company.staff["butler"].pk, "reason": "我去培训"},
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    printed(world, number, "history")
    world.pass_time(minutes=41)
    printed(world, number, "history")
    said = "“首问移交答复”时限 11-21 10:54，至今未完成，已超11分。"
    assert [(text.count("首问移交答复：陈悦"), said in text) for text in seen] == [(0, False), (1, True)]


def test_a_foreign_case_has_no_papers(world: World) -> None:
    number = world.open("desk").case.number
    with pytest.raises(NotFoundError):
        printed(world, number, who="outsider")
    with pytest.raises(NotFoundError):
        printed(world, number, "job", who="owner")


def test_papers_are_of_their_kind_and_format(world: World) -> None:
    number = world.open("desk", kind="inquiry", title="几点关门").case.number
    for name, sheet in (("job", Format.A4), ("history", Format.SLIP), ("nothing", Format.A4)):
        with pytest.raises(NotFoundError):
            printed(world, number, name, sheet)


def test_the_whole_number_only_for_the_visit(world: World, seen: list[str]) -> None:
    number = world.open("desk", urgency="P2", payer="common", reporter_phone=PHONE).case.number
    printed(world, number)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    printed(world, number)
    printed(world, number, "history")
    printed(world, number, "slip", Format.SLIP)
    world.act("desk", number, "cancel", reason="自己修好了")
    printed(world, number)
    assert [PHONE in text for text in seen] == [False, True, False, False, False]
    assert all(MASKED in text for text in (seen[0], *seen[2:]))


def test_every_print_is_written_down(world: World, seen: list[str]) -> None:
    number = to_quoted(world)
    printed(world, number, "job", Format.THREE_PART)
    row = AuditEvent.objects.in_project(world.project_id).get(what="case.print")
    assert (row.kind, row.subject_id, row.actor_name) == ("export", number, world.actor("desk").name)
    assert row.after == {"paper": "job", "sheet": "241", "phone": True}


def test_what_a_customer_typed_is_text_and_fetches_nothing(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = world.open(
        "desk", description='<img src="http://127.0.0.1:1/x"><style>*{display:none}</style>'
    ).case.number
    assert printed(world, number).content.startswith(b"%PDF-")
    assert "127.0.0.1" not in caplog.text
    monkeypatch.setattr(
        render, "html", lambda *_args: '<img src="file:///etc/hostname"><img src="http://127.0.0.1:1/">'
    )
    render.pdf("papers/job.jinja", {}, Format.A4)
    assert caplog.text.count("disallowed protocol") == 2


def test_without_a_chinese_font_nothing_is_printed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = world.open("desk").case.number
    monkeypatch.setattr(health, "has_chinese_font", lambda: False)
    assert "fonts-noto-cjk" in health.problems()[0]
    with pytest.raises(health.NoPrintingError):
        printed(world, number)
    assert not AuditEvent.objects.in_project(world.project_id).filter(what="case.print").exists()


def test_the_job_sheet_says_ceiling_approval_and_acceptance(world: World, seen: list[str]) -> None:
    dear, _outcome = asked(world)
    world.act("manager", dear, "approve_quote")
    road.sign(world, dear, ceiling="3000.00")
    printed(world, dear, "job")
    assert "最高不超过 ¥3,000.00" in seen[-1]
    assert "赵伟" in seen[-1]
    common = road.checking(world)
    printed(world, common, "job")
    assert "验收人（管家或工程师）" in seen[-1]
    world.act("butler", common, "accept_work")
    printed(world, common, "job")
    assert "陈悦" in seen[-1]
