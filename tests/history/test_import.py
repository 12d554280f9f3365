"""`steward history import`: what comes in, what comes back, what it leaves alone."""

import csv
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import Result
from python_calamine import CalamineWorkbook

from steward.cases import engine
from steward.cases.models import Case, Category, Deadline, Entry
from steward.casework import queries
from steward.casework.queries import CaseFilter
from steward.history.cli import beside
from steward.kernel.actor import Actor, ActorKind, Grant, Role
from steward.kernel.errors import ConflictError
from steward.kernel.models import Outbox
from steward.registers.org.models import Node
from tests.history.conftest import SMALLTOWN, line

Load = Callable[..., Result]
Boston = Callable[..., Path]


def cases(code: str = "BOS") -> list[Case]:
    node = Node.objects.get(code=code)
    return list(Case.objects.in_project(node.pk).select_related("category__parent").order_by("external_number"))


def staff(role: Role, code: str = "BOS") -> Actor:
    node = Node.objects.get(code=code)
    grants = (Grant(role, frozenset({node.pk})),)
    return Actor(kind=ActorKind.STAFF, key="staff:1", name="x", staff_id=1, grants=grants)


def returned(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def reason(row: dict[str, str]) -> str:
    return list(row.values())[-1]


def test_a_row_becomes_a_case_in_our_terms(load: Load, boston: Boston) -> None:
    load(boston(line()))
    (case,) = cases()
    assert case.number == "BX-BOS-150601-0001"
    assert (case.kind, case.state, case.channel) == ("repair", "closed", "portal")
    assert (case.title, case.place) == ("Heat", "1 Beacon St")
    assert case.description == "No heat\nCase Closed"
    assert (case.external_source, case.external_number, case.is_imported) == ("boston311", "101", True)
    assert case.received_at == datetime(2015, 6, 1, 12, tzinfo=UTC), "summer time in Boston is UTC-4"
    assert case.imported_target_at == datetime(2015, 6, 8, 12, tzinfo=UTC)
    assert case.closed_at == datetime(2015, 6, 3, 12, tzinfo=UTC)
    assert case.category is not None
    assert case.category.parent is not None
    assert (case.category.name, case.category.parent.name) == ("Heat", "Housing")
    assert case.category.node_id == case.project_id, "another city's categories stay in its project"


def test_one_timeline_row_and_nothing_else(load: Load, boston: Boston) -> None:
    load(boston(line(), line("102", closed="", status="Open", flag="OVERDUE")))
    entries = list(Entry.objects.unscoped().order_by("id"))
    assert [(e.action, e.seq, e.actor_kind) for e in entries] == [("imported", 1, "system")] * 2
    assert entries[0].data == {
        "source": "boston311",
        "number": "101",
        "on_time": "ONTIME",
        "queue": "ISD_Housing",
        "department": "ISD",
        "neighbourhood": "Back Bay",
    }
    assert not Deadline.objects.unscoped().exists()
    assert not Outbox.objects.unscoped().exists()
    assert [c.state for c in cases()] == ["closed", "received"]
    assert {c.next_due_at for c in cases()} == {None}


def test_importing_twice_adds_nothing(load: Load, boston: Boston) -> None:
    log = boston(line("101"), line("102"))
    assert "2 added" in load(log).output
    before = [(c.pk, c.number) for c in cases()]
    assert "0 added to BOS, 2 were there already" in load(log).output
    assert [(c.pk, c.number) for c in cases()] == before
    assert Category.objects.count() == 2


def test_a_grown_log_adds_what_is_new_and_numbers_go_on(load: Load, boston: Boston) -> None:
    load(boston(line("101"), line("102")))
    load(boston(line("101"), line("102"), line("103"), name="longer.csv"))
    assert [c.number[-4:] for c in cases()] == ["0001", "0002", "0003"]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (line(opened="2015-06-04 08:00:00"), "closed before it was opened"),
        (line(target="2015-05-01 08:00:00"), "to be done before it was opened"),
        (line(opened="1 June 2015"), "OPEN_DT is no date"),
        (line(closed="2015-13-01 08:00:00"), "CLOSED_DT is no date"),
        (line(number=""), "number"),
        (line(opened=""), "opened"),
        (line(status="Open"), "said to be open"),
        (line(closed=""), "said to be closed"),
        (line(opened="2199-01-01 00:00:00", target="", closed="", status="Open"), "opened in the future"),
        (line(opened="0001-01-01 00:00:00"), "before 1970"),
        (line(title="a\x00b"), "text"),
        (line() + ",one,too,many", "more cells"),
        (line("101", title="twice"), "line 2"),
    ],
)
@pytest.mark.usefixtures("english")
def test_what_contradicts_itself_comes_back_and_is_not_loaded(load: Load, boston: Boston, bad: str, why: str) -> None:
    good = line("101" if "twice" in bad else "100")
    log = boston(good, bad)
    output = load(log).output
    assert "1 added" in output
    assert "1 came back" in output
    (row,) = returned(log.with_name("log.rejected.csv"))
    assert why in reason(row), reason(row)
    assert row["Source"] == "Self Service", "the row comes back as it was"
    assert len(cases()) == 1


def test_a_byte_that_is_no_character_spoils_its_own_row_only(load: Load, boston: Boston) -> None:
    log = boston(line("100"), line("101", title="caf?"))
    log.write_bytes(log.read_bytes().replace(b"caf?", b"caf\xe9"))
    assert "1 added to BOS, 0 were there already, 1 came back" in load(log).output
    assert b"caf\xe9" in log.with_name("log.rejected.csv").read_bytes()


def test_the_annotated_file_runs_no_formula_and_leaves_numbers_alone(load: Load, boston: Boston) -> None:
    log = boston(line(opened="never", title="=cmd()", reason="-71.06"))
    load(log)
    (row,) = returned(log.with_name("log.rejected.csv"))
    assert (row["CASE_TITLE"], row["CLOSURE_REASON"]) == ("'=cmd()", "-71.06")


def test_no_row_came_back_no_file(load: Load, boston: Boston, tmp_path: Path) -> None:
    load(boston(line()), "--rejects", str(tmp_path / "back.csv"))
    assert [p.name for p in tmp_path.iterdir()] == ["log.csv"]


def test_gz_is_read_as_it_is(load: Load, boston: Boston) -> None:
    log = boston(line("101"), line("102", closed="1"), name="log.csv.gz")
    load(log)
    assert len(cases()) == 1
    assert log.with_name("log.rejected.csv").exists()


def test_excel_comes_in_and_goes_back_as_excel(load: Load, boston: Boston, tmp_path: Path) -> None:
    text = boston(line("101"), line("102", closed="2015-05-01 08:00:00")).read_text().splitlines()
    log = tmp_path / "log.xlsx"
    with xlsxwriter.Workbook(str(log)) as book:
        sheet, dates = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for y, row in enumerate(text):
            for x, cell in enumerate(row.split(",")):
                if y and x == 0:
                    sheet.write_number(y, x, int(cell))
                elif y and x in (1, 2, 3):
                    sheet.write_datetime(y, x, datetime.fromisoformat(cell), dates)
                else:
                    sheet.write_string(y, x, cell)
    load(log)
    assert [c.external_number for c in cases()] == ["101"]
    assert cases()[0].closed_at == datetime(2015, 6, 3, 12, tzinfo=UTC)
    back = CalamineWorkbook.from_path(str(tmp_path / "log.rejected.xlsx")).get_sheet_by_index(0).to_python()
    assert len(back) == 2
    assert back[1][0] == "102"


def test_another_city_needs_another_map_and_nothing_else(load: Load, tmp_path: Path) -> None:
    log = tmp_path / "vorgaenge.csv"
    rows = [
        "Vorgang;Art;Eingang;Frist;Erledigt;Betreff;Text;Straße;Ort;Bereich;Weg;Amt",
        "A-1;Mangel;29.03.2015 01:59;31.03.2015;31.03.2015 23:10;Laterne;aus;Hauptstr. 1;Süd;Licht;Telefon;66",
        "A-2;frage;28.03.2015 12:00;-;-;Müll?;;Weg 2;k.A.;Abfall;Brief;70",
        "A-3;Mangel;25.10.2015 02:30;25.10.2015 03:30;;Loch;;Weg 3;;Straße;Fax;66",
        "A-4;Mangel;31.02.2015;;;Loch;;Weg 3;;Straße;Fax;66",
    ]
    log.write_bytes("\r\n".join(rows).encode("cp1252"))
    output = load(log, plan=SMALLTOWN, code="KLEIN").output
    assert "4 rows: 3 added to KLEIN, 0 were there already, 1 came back" in output
    lamp, question, hole = cases("KLEIN")
    assert Node.objects.get(code="KLEIN").time_zone == "Europe/Berlin"
    assert lamp.received_at == datetime(2015, 3, 29, 0, 59, tzinfo=UTC), "the last minute of winter time"
    assert lamp.imported_target_at == datetime(2015, 3, 31, 21, 59, 59, tzinfo=UTC), "a day is kept until it ends"
    assert lamp.place == "Hauptstr. 1, Süd"
    assert (question.kind, question.state, question.channel) == ("inquiry", "received", "letter")
    assert (question.place, question.imported_target_at) == ("Weg 2", None)
    assert hole.received_at == datetime(2015, 10, 25, 0, 30, tzinfo=UTC), "the first of two 02:30"
    assert hole.imported_target_at == datetime(2015, 10, 25, 2, 30, tzinfo=UTC)
    assert hole.channel == "other"


def test_long_words_are_kept_whole_in_the_description(load: Load, tmp_path: Path) -> None:
    log = tmp_path / "long.csv"
    row = f"B-1;Mangel;01.03.2015;;;{'T' * 300};mehr;{'S' * 250};Süd;{'Licht ' * 20};Telefon;66"
    header = "Vorgang;Art;Eingang;Frist;Erledigt;Betreff;Text;Straße;Ort;Bereich;Weg;Amt"
    log.write_bytes(f"{header}\n{row}\n".encode("cp1252"))
    load(log, plan=SMALLTOWN, code="KLEIN")
    (case,) = cases("KLEIN")
    assert (len(case.title), len(case.place)) == (120, 200)
    assert "T" * 300 in case.description
    assert "S" * 250 in case.description
    assert case.category is not None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("America/New_York", "America/Boston"), "time_zone"),
        (('default = "repair"', 'default = "grumble"'), "kind.default"),
        (('"Self Service" = "portal"', '"Self Service" = "web"'), "channel.values"),
        (('number = "CASE_ENQUIRY_ID"', 'numbr = "CASE_ENQUIRY_ID"'), "columns.number"),
        (('number = "CASE_ENQUIRY_ID"', 'number = "NO"'), "no column 'NO'"),
        (('source = "boston311"', "source = "), "map.toml"),
    ],
)
def test_a_wrong_map_is_refused_by_the_name_of_its_fault(
    load: Load, boston: Boston, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    from tests.history.conftest import BOSTON  # noqa: PLC0415  the file, not the fixture

    plan = tmp_path / "map.toml"
    assert change[0] in BOSTON.read_text()
    plan.write_text(BOSTON.read_text().replace(*change))
    result = load(boston(line()), plan=plan, fails=True)
    assert said in result.output
    assert "Traceback" not in result.output
    assert not Case.objects.unscoped().exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nothing", b"\x1f\x8bnothing", b"a,b\n1,2\n"])
def test_a_file_that_is_none_is_refused_in_a_line(load: Load, tmp_path: Path, content: bytes) -> None:
    log = tmp_path / "log.csv"
    log.write_bytes(content)
    result = load(log, fails=True)
    assert result.output.strip().splitlines()[-1].startswith("Error: ")


def test_an_unknown_project_is_not_created_unasked(db: None, boston: Boston) -> None:
    from click.testing import CliRunner  # noqa: PLC0415

    from steward.history.cli import history  # noqa: PLC0415
    from tests.history.conftest import BOSTON  # noqa: PLC0415

    result = CliRunner().invoke(history, ["import", str(boston(line())), "--map", str(BOSTON), "--project", "BOS"])
    assert result.exit_code == 1
    assert "--create-project" in result.output


def test_history_stands_outside_queues_and_pools_and_nobody_acts_on_it(load: Load, boston: Boston) -> None:
    load(boston(line("101", closed="", status="Open")))
    (case,) = cases()
    wanted = CaseFilter(projects=frozenset({case.project_id}))
    desk, technician = staff(Role.DESK), staff(Role.TECHNICIAN)
    assert [row["external_number"] for row in queries.list_cases(desk, wanted).items] == ["101"]
    assert queries.queue(desk, wanted) == []
    assert queries.list_cases(technician, wanted).items == []
    where: dict[str, Any] = {"project_id": case.project_id, "number": case.number}
    with pytest.raises(ConflictError) as refusal:
        engine.act(
            **where, action="cancel", actor=desk, at=datetime.now(UTC), client_uuid=uuid.uuid4(), data={"reason": "x"}
        )
    assert refusal.value.rule == "case.imported"


def test_listing_history_is_one_query(load: Load, boston: Boston, django_assert_num_queries: Any) -> None:
    load(boston(*(line(str(n)) for n in range(100, 160))))
    wanted = CaseFilter(projects=frozenset({cases()[0].project_id}))
    desk = staff(Role.DESK)
    queries.list_cases(desk, wanted)
    with django_assert_num_queries(1):
        page = queries.list_cases(desk, wanted, limit=50)
    assert len(page.items) == 50
    assert page.next_cursor


def test_pages_follow_each_other_without_gap_or_repeat(load: Load, boston: Boston) -> None:
    same = [line(str(n)) for n in range(100, 107)]
    load(boston(*same, line("107", opened="2015-05-30 08:00:00"), line("108", opened="2015-06-02 08:00:00")))
    wanted, desk = CaseFilter(projects=frozenset({cases()[0].project_id})), staff(Role.DESK)
    seen, cursor = [], None
    while True:
        page = queries.list_cases(desk, wanted, cursor=cursor, limit=2)
        seen += [row["external_number"] for row in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == ["108", "106", "105", "104", "103", "102", "101", "100", "107"]


def test_a_case_is_found_by_either_number(load: Load, boston: Boston) -> None:
    load(boston(line("101001240754"), line("101001240755"), line("A-1")))
    desk, where = staff(Role.DESK), frozenset({cases()[0].project_id})

    def found(text: str) -> list[str]:
        return sorted(
            r["external_number"] for r in queries.list_cases(desk, CaseFilter(projects=where, text=text)).items
        )

    assert found("101001240754") == ["101001240754"]
    assert found("10100124075") == [], "another system's number is looked up whole"
    assert found("A-1") == ["A-1"]
    assert found("bx-bos-150601-0002") == ["101001240755"]
    assert len(found("BX-BOS-150601")) == len(found("BX-BOS-150601-000")) == 3


def test_a_read_only_folder_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf, desk = tmp_path / "shelf", tmp_path / "desk"
    shelf.mkdir()
    desk.mkdir()
    shelf.chmod(0o555)
    monkeypatch.chdir(desk)
    assert beside(shelf / "log.csv.gz") == desk / "log.rejected.csv"
    shelf.chmod(0o755)
    assert beside(shelf / "log.csv.gz") == shelf / "log.rejected.csv"
