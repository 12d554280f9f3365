"""A company's own lists come in: shown first, all or nothing, twice the same, and back out again."""

import io
from typing import Any

import pytest
from django.apps import apps
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from steward.kernel.errors import ConflictError, NotAllowedError, NotFoundError
from steward.kernel.models import ProjectRow
from steward.registers.cutover import operations
from steward.registers.cutover.models import FileKind, ImportChange, ImportFile, ImportRun, ImportState
from steward.registers.estate.models import Unit, UnitStatusChange
from steward.registers.party import search
from steward.registers.party.models import Contact, Customer, Occupancy, Person, SearchKey
from steward.worker.loop import run_until_idle
from tests.cutover import conftest as flow
from tests.cutover.conftest import BUILDINGS, CONTACTS, CUSTOMERS, SMALL, UNITS, confirmed, loaded, undone, workbook
from tests.world import World

#: Tables that tell about the import itself, or are derived.
BOOKKEEPING = {"ImportRun", "ImportFile", "ImportChange", "Outbox", "SearchKey"}


def everything(project_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row of a project, but for the import's own books."""
    return {
        m.__name__: sorted(map(dict, m.objects.in_project(project_id).values()), key=lambda r: r["id"])
        for m in apps.get_models()
        if issubclass(m, ProjectRow) and m.__name__ not in BOOKKEEPING
    }


def counts(run: ImportRun) -> dict[str, tuple[int, int, int, int]]:
    return {row["key"]: (row["new"], row["changed"], row["same"], row["faulty"]) for row in run.found["lists"]}


def test_first_it_only_tells_what_it_would_do(world: World) -> None:
    before = everything(world.project_id)
    run = flow.given(world, workbook(SMALL))
    assert run.state == ImportState.READY
    assert counts(run) == {
        "buildings": (1, 0, 0, 0), "units": (2, 0, 0, 0), "customers": (3, 0, 0, 0), "contacts": (1, 0, 0, 0),
    }  # fmt: skip
    assert everything(world.project_id) == before


def test_lists_are_loaded_as_people_write_them(world: World) -> None:
    run = loaded(world, workbook(SMALL))
    assert run.state == ImportState.DONE
    units = Unit.objects.in_project(world.project_id).filter(building__code="12").order_by("label")
    assert [(u.label, u.floor, u.kind, u.status, str(u.area), str(u.handed_over_on)) for u in units] == [
        ("12-1-0301", "3", "home", "occupied", "98.50", "2020-01-08"),
        ("12-1-302", "3", "home", "let", "88.00", "2020-01-09"),
    ]
    ties = Occupancy.objects.in_project(world.project_id).filter(unit__in=units).order_by("unit__label", "role")
    assert [(t.unit.label, t.customer.name, t.role) for t in ties] == [
        ("12-1-0301", "郑若兰", "owner"),
        ("12-1-302", "郑若兰", "owner"),
        ("12-1-302", "杭州青禾设计有限公司", "tenant"),
    ]
    owner, firm = ties[0].customer, ties[2].customer
    assert ties[1].customer_id == owner.pk
    assert (owner.phone, owner.email, owner.kind, firm.kind) == (
        "13800030001",
        "zheng@example.org",
        "person",
        "company",
    )
    assert owner.person is not None
    assert owner.person.name == "郑若兰"
    assert firm.person_id is None
    contacts = Contact.objects.in_project(world.project_id).filter(customer=owner).order_by("pk")
    assert [(c.name, c.relation, c.phone, c.may_consent) for c in contacts] == [
        ("郑小满", "女儿", "13800030002", True),
        ("郑若兰", "备用号码", "0571-88123456", False),
    ]


def test_what_was_loaded_is_found(world: World) -> None:
    loaded(world, workbook(SMALL))
    desk = world.actor("desk")
    for typed, label in (("12#301", "12-1-0301"), ("竹影楼302", "12-1-302"), ("zrl", "郑若兰"), ("郑小满", "郑若兰")):
        assert label in [hit.label for hit in search.find(desk, world.project_id, typed)], typed


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    loaded(world, workbook(SMALL))
    before = everything(world.project_id)
    again = flow.given(world, workbook(SMALL))
    assert {
        key: (new, changed, faulty) for key, (new, changed, _same, faulty) in counts(again).items()
    } == dict.fromkeys(counts(again), (0, 0, 0))
    confirmed(world, again)
    assert everything(world.project_id) == before


def test_the_same_upload_is_one_import(world: World) -> None:
    run = flow.given(world, workbook(SMALL))
    again = operations.give(
        project_id=run.project_id,
        actor=world.actor("manager"),
        name="x.xlsx",
        content=workbook(SMALL),
        client_uuid=run.client_uuid,
        at=world.now,
    )
    assert again.pk == run.pk
    confirmed(world, run)
    people = Customer.objects.in_project(world.project_id).filter(name="郑若兰").count()
    confirmed(world, run)
    assert Customer.objects.in_project(world.project_id).filter(name="郑若兰").count() == people == 1


def test_an_empty_cell_leaves_what_is_known(world: World) -> None:
    loaded(world, workbook(SMALL))
    run = loaded(world, workbook({"房产": (UNITS, ("12", "1", "", "0301", "商铺", "空置", "", ""))}))
    unit = Unit.objects.in_project(world.project_id).get(label="12-1-0301")
    assert counts(run) == {"units": (0, 1, 0, 0)}
    assert (unit.kind, unit.status, str(unit.area), unit.floor) == ("shop", "vacant", "98.50", "3")
    changed = UnitStatusChange.objects.in_project(world.project_id).get(unit=unit)
    assert (changed.before, changed.after, str(changed.on)) == ("occupied", "vacant", "2026-11-21")
    assert {c["column"]: (c["before"], c["after"]) for c in run.found["changes"]}["状态"] == ("occupied", "空置")


WRONG = {
    "房产": (
        UNITS,
        ("12", "1", "3", "0301", "住宅", "已入住", "很大", "2020-13-01"),
        ("77栋", "1", "3", "0302", "住宅", "已入住", 90, ""),
        ("12", "1", "", "会所", "商铺", "营业中", 90, ""),
        ("12", "1", "3", "0303", "住宅", "", "", ""),
        ("12", "1", "3", "0303", "住宅", "", "", ""),
        ("12", "1", "3", "", "住宅", "", "", ""),
        ("12", "1", "3", "=1+1", "住宅", "", "", ""),
    ),
    "业户": (
        CUSTOMERS,
        ("99-9-999", "王五", "", "", "13800030001", "", "", ""),
        ("3-2-1201", "王五", "外星人", "房东", "1234", "a@b", "2024-05-01", "2024-04-01"),
        ("3-2-1201", "@SUM(A1)", "", "", "", "", "", ""),
    ),
    "楼栋": (BUILDINGS, ("12", "12栋", "", "")),
    "联系人": (CONTACTS, ("3-2-1201", "没有这人", "周晓岚", "女儿", "13900010417", "")),
}


def test_errors_come_back_in_the_workbook_row_by_row(world: World) -> None:
    before = everything(world.project_id)
    run = flow.given(world, workbook(WRONG))
    assert run.state == ImportState.FAULTY
    assert everything(world.project_id) == before
    with pytest.raises(ConflictError):
        operations.confirm(project_id=run.project_id, run_id=run.pk, actor=world.actor("manager"), at=world.now)
    book = CalamineWorkbook.from_filelike(io.BytesIO(operations.content_of(run, FileKind.ANNOTATED)))
    units = book.get_sheet_by_name("房产").to_python()
    assert units[0][-1] == "问题"
    told = [str(row[-1]) for row in units[1:]]
    for words, line in (
        ("建筑面积:请填写数字", 0), ("交付日期:不是日期", 0), ("没有楼栋“77栋”", 1), ("楼层:", 2), ("状态:无法识别", 2),
        ("与第5行重复", 4), ("房号:", 5), ("像公式", 6),
    ):  # fmt: skip
        assert words in told[line], (words, told[line])
    assert told[3] == ""
    assert [row[:-1] for row in units] == [list(row) for row in WRONG["房产"]]
    people = [str(row[-1]) for row in book.get_sheet_by_name("业户").to_python()[1:]]
    assert "没有房屋“99-9-999”" in people[0]
    assert all(words in people[1] for words in ("类型:", "身份:", "电话:", "邮箱:"))
    assert "像公式" in people[2]
    assert "没有这人" in str(book.get_sheet_by_name("联系人").to_python()[1][-1])


def test_one_wrong_row_keeps_all_of_them_out(world: World) -> None:
    sheets = {**SMALL, "业户": (*SMALL["业户"], ("12-1-9999", "错一行", "", "", "", "", "", ""))}
    before = everything(world.project_id)
    run = flow.given(world, workbook(sheets))
    assert run.state == ImportState.FAULTY
    assert run.found["fault_count"] == 1
    assert everything(world.project_id) == before


@pytest.mark.django_db(transaction=True)
def test_what_fails_while_loading_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = flow.given(world, workbook(SMALL))
    before = everything(world.project_id)
    people = Person.objects.count()
    monkeypatch.setattr("steward.registers.cutover.loading.Loader._contacts", lambda _self: 1 / 0)
    confirmed(world, run)
    assert run.state == ImportState.LOADING
    assert everything(world.project_id) == before
    assert Person.objects.count() == people
    assert not ImportChange.objects.in_project(world.project_id).exists()
    monkeypatch.undo()
    run_until_idle(world.pass_time(minutes=10))
    run.refresh_from_db()
    assert run.state == ImportState.DONE


def test_where_the_project_moved_on_it_is_shown_again(world: World) -> None:
    run = flow.given(world, workbook(SMALL))
    loaded(world, workbook({"楼栋": SMALL["楼栋"]}))
    before = everything(world.project_id)
    confirmed(world, run)
    assert run.state == ImportState.READY
    assert run.refused
    assert counts(run)["buildings"] == (0, 0, 1, 0)
    assert everything(world.project_id) == before
    assert confirmed(world, run).state == ImportState.DONE


def test_undone_is_as_if_it_had_never_been(world: World) -> None:
    before, people = everything(world.project_id), Person.objects.count()
    keys = SearchKey.objects.in_project(world.project_id).count()
    run = undone(world, loaded(world, workbook(SMALL)))
    assert run.state == ImportState.UNDONE
    assert everything(world.project_id) == before
    assert Person.objects.count() == people
    assert SearchKey.objects.in_project(world.project_id).count() == keys


def test_undone_changes_get_their_old_values_back(world: World) -> None:
    before = everything(world.project_id)
    sheets = {
        "楼栋": (BUILDINGS, ("3", "三栋", "听雨楼", "2018-01-02")),
        "房产": (UNITS, ("3", "2", "12", "1201", "", "空置", 200, "")),
        "业户": (
            CUSTOMERS,
            ("3-2-1201", "王淑芬", "", "业主", "13811112222", "new@example.org", "2020-01-01", "2026-01-01"),
        ),
        "联系人": (CONTACTS, ("3-2-1201", "王淑芬", "周晓岚", "女儿", "13899998888", "否")),
    }
    run = loaded(world, workbook(sheets))
    assert counts(run) == dict.fromkeys(("buildings", "units", "customers", "contacts"), (0, 1, 0, 0))
    assert everything(world.project_id) != before
    assert undone(world, run).state == ImportState.UNDONE
    assert everything(world.project_id) == before


def test_undo_is_refused_where_newer_facts_hang_and_says_which(world: World) -> None:
    run = loaded(world, workbook(SMALL))
    before = everything(world.project_id)
    world.open("desk", unit="12-1-0301")
    undone(world, run)
    assert run.state == ImportState.DONE
    assert "12-1-0301已有受理单。" in run.refused
    assert "郑若兰已有受理单。" in run.refused
    assert everything(world.project_id)["Unit"] == before["Unit"]


def test_undo_is_refused_where_a_row_was_changed_since(world: World) -> None:
    run = loaded(world, workbook(SMALL))
    Unit.objects.in_project(world.project_id).filter(label="12-1-302").update(status="vacant")
    Customer.objects.in_project(world.project_id).filter(name="郑若兰").update(is_key=True)
    undone(world, run)
    assert run.state == ImportState.DONE
    assert set(run.refused) == {"12-1-302此后被改动过。", "郑若兰此后被改动过。"}


def test_undo_is_refused_where_a_later_import_builds_on_it(world: World) -> None:
    run = loaded(world, workbook({k: SMALL[k] for k in ("楼栋", "房产")}))
    later = loaded(world, workbook({"业户": SMALL["业户"]}))
    assert undone(world, run).state == ImportState.DONE
    assert "12-1-302已有住户。" in run.refused
    assert undone(world, later).state == ImportState.UNDONE
    assert undone(world, run).state == ImportState.UNDONE


def test_only_whoever_answers_for_the_project_imports(world: World) -> None:
    content = workbook(SMALL)
    for who, refusal in (("outsider", NotFoundError), ("desk", NotAllowedError), ("owner", NotAllowedError)):
        with pytest.raises(refusal):
            flow.given(world, content, who=who)
    with pytest.raises(NotFoundError):
        flow.given(world, content, who="region", project="JZ")
    run = flow.given(world, content, who="region")
    for who in ("desk", "outsider"):
        with pytest.raises(NotFoundError):
            operations.confirm(project_id=run.project_id, run_id=run.pk, actor=world.actor(who), at=world.now)
        assert not ImportFile.objects.visible_to(world.actor(who)).exists()


def test_another_projects_rows_are_never_touched(world: World) -> None:
    other = world.company.nodes["JZ"].pk
    before = everything(other)
    loaded(world, workbook({"房产": (UNITS, ("1", "1", "1", "0101", "商铺", "空置", 1, "")),
                            "楼栋": (BUILDINGS, ("1", "一号", "", ""))}))  # fmt: skip
    assert everything(other) == before
    assert Unit.objects.in_project(world.project_id).get(label="1-1-0101").kind == "shop"


def test_what_is_no_workbook_is_told_so(world: World) -> None:
    assert "无法读取" in flow.given(world, b"PK\x03\x04 not a zip").refused[0]
    assert "未找到" in flow.given(world, workbook({"Sheet1": (("a", "b"), (1, 2))})).refused[0]


def test_a_flat_list_with_a_title_and_a_sheet_of_any_name(world: World) -> None:
    rows = (("云栖花园业主名册",), ("序号", "楼号", "单元", "房号", "业主姓名", "联系电话", "车牌"),
            (1, "3栋", "2单元", "1201", "王淑芬", "13800016621", "浙A12345"),
            (2, "2", 1, "304", "赵一鸣", 13700020399, ""))  # fmt: skip
    run = loaded(world, workbook({"Sheet1": rows}))
    assert counts(run) == {"customers": (1, 0, 1, 0)}
    assert run.found["lists"][0]["ignored"] == ["序号", "车牌"]
    assert Occupancy.objects.in_project(world.project_id).get(customer__name="赵一鸣").unit.label == "2-1-0304"


ROW = st.tuples(
    st.sampled_from(["12", "12栋", "3", "9#"]),
    st.sampled_from(["", "1", "2单元"]),
    st.sampled_from(["", "3", "B1"]),
    st.sampled_from(["0301", "302", "12A03", ""]),
    st.sampled_from(["住宅", "商铺", ""]),
    st.sampled_from(["空置", "已入住", ""]),
    st.sampled_from(["", 88, "90.55㎡", "x"]),
    st.sampled_from(["", "2020-01-08"]),
)
TIE = st.tuples(
    st.sampled_from(["12-1-0301", "3-2-1201", "12#302", "3栋2单元1201"]),
    st.sampled_from(["郑若兰", "王淑芬", "有乐有限公司"]),
    st.just(""),
    st.sampled_from(["业主", "租户", ""]),
    st.sampled_from(["13800030001", "13800016621", "", "13800030001,13800030009"]),
    st.just(""),
    st.sampled_from(["", "2021-01-01", "2023-01-01"]),
    st.sampled_from(["", "2022-01-01"]),
)


@settings(max_examples=40)
@given(units=st.lists(ROW, max_size=4), ties=st.lists(TIE, max_size=5))
def test_any_list_loads_whole_or_not_at_all_twice_the_same_and_back(world: World, units: Any, ties: Any) -> None:
    content = workbook(
        {"楼栋": (BUILDINGS, ("12", "12栋", "", "")), "房产": (UNITS, *units), "业户": (CUSTOMERS, *ties)}
    )
    before = everything(world.project_id)
    run = flow.given(world, content)
    if run.state == ImportState.FAULTY:
        assert run.found["fault_count"] > 0
        assert everything(world.project_id) == before
        return
    assert confirmed(world, run).state == ImportState.DONE
    after = everything(world.project_id)
    again = confirmed(world, flow.given(world, content))
    assert everything(world.project_id) == after
    assert all(row["new"] == row["changed"] == 0 for row in again.found["lists"])
    assert undone(world, again).state == ImportState.UNDONE
    assert undone(world, run).state == ImportState.UNDONE
    assert everything(world.project_id) == before
