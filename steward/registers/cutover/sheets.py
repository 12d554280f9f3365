"""The four lists of the workbook, declared once: template, reading, errors and preview follow from here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.kernel.excel import Rows
from steward.kernel.marks import listed
from steward.registers.cutover import cells
from steward.registers.cutover.cells import CellError, Reader

NOISE: Final = re.compile(r"[\s*()()【】\[\]::_\-]+")
#: Rows above the headings: a title, a date, whoever made the list.
TITLE_ROWS: Final = 8
MOST_ROWS: Final = 300_000


@dataclass(frozen=True)
class Column:
    """``heads``: what the heading may be called; the first is the template's Chinese one."""

    key: str
    heads: tuple[str, ...]
    title: Any
    read: Reader
    required: bool = False
    example: Any = ""
    hint: Any = ""
    width: float = 12
    # Understood where a list has it, but not asked for by the template.
    extra: bool = False


@dataclass(frozen=True)
class Sheet:
    key: str
    name: str
    names: tuple[str, ...]
    title: Any
    columns: tuple[Column, ...]

    def __getitem__(self, key: str) -> Column:
        return next(c for c in self.columns if c.key == key)


BUILDINGS: Final = Sheet(
    "buildings", "楼栋", ("楼栋", "楼宇", "楼座", "buildings"), _("Buildings"),
    (
        Column("code", ("楼栋编号", "楼号", "编号", "code"), _("Building code"), cells.text(20), required=True, example="5"),
        Column("name", ("楼栋名称", "名称", "name"), _("Building name"), cells.text(60), example="5栋"),
        Column("nicknames", ("俗称", "别名", "nicknames"), _("Nicknames"), cells.text(120), example="枕溪楼",
               hint=_("As people say it, separated by spaces"), width=16),
        Column("completed_on", ("竣工日期", "竣工验收日期", "completed"), _("Completed on"), cells.day,
               example="2018-06-30"),
    ),
)  # fmt: skip
UNITS: Final = Sheet(
    "units", "房产", ("房产", "房屋", "房间", "units"), _("Units"),
    (
        Column("building", ("楼栋", "楼栋编号", "楼号", "栋", "building"), _("Building"), cells.text(60), required=True,
               example="5"),
        Column("entrance", ("单元", "单元号", "门洞", "entrance"), _("Entrance"), cells.entrance, example="2"),
        Column("floor", ("楼层", "层", "floor"), _("Floor"), cells.floor, example="12"),
        Column("room", ("房号", "室号", "门牌", "room"), _("Room"), cells.room, required=True, example="1203"),
        Column("kind", ("用途", "业态", "房屋用途", "use"), _("Use"), cells.kind, example="住宅",
               hint="住宅、写字楼、酒店、商铺、车位"),
        Column("status", ("状态", "使用状态", "status"), _("Status"), cells.status, example="已入住",
               hint="未售、已售、已交付、装修中、已入住、已出租、空置"),
        Column("area", ("建筑面积", "面积", "area"), _("Floor area, m²"), cells.area, example=128.5),
        Column("inside_area", ("套内面积", "使用面积", "insidearea"), _("Area inside, m²"), cells.area, example=103.2),
        Column("handed_over_on", ("交付日期", "交房日期", "handedover"), _("Handed over on"), cells.day,
               example="2019-05-01"),
        Column("nicknames", ("俗称", "别名", "nicknames"), _("Nicknames"), cells.text(120), example=""),
    ),
)  # fmt: skip
CUSTOMERS: Final = Sheet(
    "customers", "业户", ("业户", "客户", "住户", "业主", "customers"), _("Customers"),
    (
        Column("unit", ("房屋", "房产", "房间", "房号", "unit"), _("Unit"), cells.text(60), required=True, example="5-2-1203",
               hint=_("In any wording: 5-2-1203, 5#1203, 5栋2单元1203")),
        Column("name", ("姓名", "名称", "姓名或名称", "业户", "客户", "客户名称", "业主姓名", "name"), _("Name"), cells.text(80), required=True,
               example="王小满"),
        Column("kind", ("类型", "客户类型", "kind"), pgettext_lazy("column", "Kind of customer"), cells.customer_kind, example="个人", hint="个人、单位"),
        Column("role", ("身份", "关系", "role"), _("Stands to the unit as"), cells.role, example="业主", hint="业主、租户、家庭成员"),
        Column("phone", ("电话", "手机", "联系电话", "手机号", "phone"), _("Phone"), cells.phones, example="13800000000",
               hint=_("Several: separated by commas; the first is the main one"), width=16),
        Column("email", ("邮箱", "电子邮箱", "email"), _("E-mail"), cells.email, example="", width=20),
        Column("since", ("入住日期", "起始日期", "起租日期", "since"), _("Since"), cells.day, example="2019-06-01"),
        Column("until", ("迁出日期", "截止日期", "退租日期", "until"), _("Moved out on"), cells.day, example=""),
        Column("building", ("楼栋", "楼栋编号", "楼号", "栋", "building"), _("Building"), cells.text(60), extra=True),
        Column("entrance", ("单元", "单元号", "门洞", "entrance"), _("Entrance"), cells.entrance, extra=True),
    ),
)  # fmt: skip
CONTACTS: Final = Sheet(
    "contacts", "联系人", ("联系人", "contacts"), _("Contacts"),
    (
        Column("unit", ("房屋", "房产", "房间", "房号", "unit"), _("Unit"), cells.text(60), required=True, example="5-2-1203"),
        Column("customer", ("业户", "客户", "业主", "客户名称", "customer"), _("Customer"), cells.text(80), required=True,
               example="王小满"),
        Column("name", ("联系人", "联系人姓名", "姓名", "contact"), _("Contact"), cells.text(60), required=True,
               example="王晓"),
        Column("relation", ("关系", "与业户关系", "relation"), _("Relation"), cells.text(20), example="女儿"),
        Column("phone", ("联系人电话", "电话", "手机", "phone"), _("Phone"), cells.phone, example="13900000000", width=16),
        Column("may_consent", ("可代为确认", "可代确认", "mayconsent"), _("May consent"), cells.yes, example="是", hint="是、否"),
    ),
)  # fmt: skip
SHEETS: Final = (BUILDINGS, UNITS, CUSTOMERS, CONTACTS)


@dataclass(frozen=True)
class Fault:
    """``column`` is empty where the whole row, or the whole sheet (row 0), is meant."""

    row: int
    column: str
    message: str


@dataclass
class Table:
    """One list as read: its values column by column, None where a cell is empty.

    ``numbers`` are the rows' numbers in the workbook; ``raw`` the sheet as it was given, for the way back.
    """

    sheet: Sheet
    given_name: str
    raw: Rows
    head_row: int
    place: dict[str, int] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    # Rows with a fault, and those of them that do not even say what they are about: positions, not numbers.
    bad: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)

    def fault(self, position: int, column: str, message: Any) -> None:
        self.bad.add(position)
        self.faults.append(Fault(self.numbers[position], column, str(message)))

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """(position, values) of the rows that say what they are about: one round shows all that is wrong with them."""
        keys = list(self.values)
        for position, row in enumerate(zip(*self.values.values(), strict=True)):
            if position not in self.lost:
                yield position, dict(zip(keys, row, strict=True))


def recognise(book: Mapping[str, Rows]) -> tuple[list[Table], list[str]]:
    """The lists in a workbook, in loading order, and the sheets that are none of them."""
    found: dict[str, Table] = {}
    strange = []
    for name, raw in book.items():
        sheet = next((s for s in SHEETS if _word(name) in map(_word, s.names)), None)
        sheet = sheet or _by_heads(raw)
        if sheet is None or sheet.key in found:
            if any(any(cell not in ("", None) for cell in row) for row in raw) and name != NOTES:
                strange.append(name)
            continue
        found[sheet.key] = Table(sheet, name, raw, _head_row(sheet, raw))
    return [found[s.key] for s in SHEETS if s.key in found], strange


NOTES: Final = "填写说明"


def _word(value: Any) -> str:
    return NOISE.sub("", cells.plain(value)).casefold()


def _places(sheet: Sheet, row: Sequence[Any]) -> dict[str, int]:
    """Which of the row's cells heads which column; the first name that fits wins."""
    heads = [re.sub(r"(必填|选填|㎡|m2)$", "", _word(cell)) for cell in row]
    found: dict[str, int] = {}
    for column in sheet.columns:
        for head in column.heads:
            at = heads.index(head) if head in heads else -1
            if at >= 0 and at not in found.values():
                found[column.key] = at
                break
    return found


def _required(sheet: Sheet) -> set[str]:
    return {c.key for c in sheet.columns if c.required}


def _by_heads(raw: Rows) -> Sheet | None:
    """Of a sheet with a name of its own: the list whose required headings it has, and most of the others."""
    fits = [
        (len(_places(sheet, row)), -n, sheet)
        for row in raw[:TITLE_ROWS]
        for n, sheet in enumerate(SHEETS)
        if _required(sheet) <= set(_places(sheet, row)) and len(_places(sheet, row)) > 1
    ]
    return max(fits, key=lambda fit: fit[:2])[2] if fits else None


def _head_row(sheet: Sheet, raw: Rows) -> int:
    ranked = [(len(_places(sheet, row)), -n) for n, row in enumerate(raw[:TITLE_ROWS])]
    return -max(ranked)[1] if ranked else 0


def read(table: Table) -> None:
    """Fill the table's values; what cannot be read becomes a fault."""
    head = table.raw[table.head_row] if table.raw else []
    table.place = _places(table.sheet, head)
    table.ignored = [
        cells.plain(c) for n, c in enumerate(head) if c not in ("", None) and n not in table.place.values()
    ]
    table.ignored = [name for name in table.ignored if name != FAULTS]
    missing = [c for c in table.sheet.columns if c.required and c.key not in table.place]
    if missing:
        names = listed(c.heads[0] for c in missing)
        table.faults.append(Fault(0, "", str(_("The column is missing: %(names)s") % {"names": names})))
        return
    body = table.raw[table.head_row + 1 :]
    wanted = sorted(table.place.values())
    filled = [n for n, row in enumerate(body) if any(row[at] not in ("", None) for at in wanted if at < len(row))]
    if len(filled) > MOST_ROWS:
        table.faults.append(Fault(0, "", str(_("At most %(n)s rows.") % {"n": MOST_ROWS})))
        return
    table.numbers = [table.head_row + 2 + n for n in filled]
    for column in table.sheet.columns:
        at = table.place.get(column.key)
        if at is not None:
            table.values[column.key] = _column(table, column, [body[n][at] for n in filled])


FAULTS: Final = "问题"


def _column(table: Table, column: Column, given: list[Any]) -> list[Any]:
    """Each value is read once: a list of homes says 住宅 a hundred thousand times."""
    known: dict[Any, Any] = {"": None, None: None}
    wrong: dict[Any, CellError] = {}
    for value in set(given) - {"", None}:
        try:
            known[value] = column.read(value) if not isinstance(value, str) or value.strip() else None
        except CellError as error:
            known[value], wrong[value] = None, error
    for position, value in enumerate(given):
        if value in wrong:
            table.fault(position, column.key, wrong[value].message)
            table.lost |= {position} if column.required else set()
        elif column.required and known[value] is None:
            table.fault(position, column.key, _("This field is required."))
            table.lost.add(position)
    return [known[value] for value in given]
