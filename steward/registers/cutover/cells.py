"""What people type into a cell, read as what is meant. Each reader raises CellError in the reader's words."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import HomeRole
from steward.kernel.excel import FORMULA
from steward.kernel.schema import storable
from steward.registers.estate.aliases import NUMERAL, numeral
from steward.registers.estate.models import UnitKind, UnitStatus
from steward.registers.party.models import CustomerKind

Reader = Callable[[Any], Any]
#: Day 0 of Excel's calendar, counting its leap year 1900 that never was.
EXCEL_DAY_0: Final = date(1899, 12, 30)
OLDEST: Final = date(1949, 10, 1)
LATEST: Final = date(2100, 1, 1)
DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?\Z")
MOBILE: Final = re.compile(r"1[3-9]\d{9}\Z")
LINE: Final = re.compile(r"(?:0\d{2,3}-?)?[1-9]\d{6,7}(?:-\d{1,6})?\Z|[48]00-?\d{3}-?\d{4}\Z|1\d{4}\Z|9\d{4,7}\Z")
BETWEEN_PHONES: Final = re.compile(r"[、,,;;/|\s]+")
MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")


class CellError(ValueError):
    """What is wrong with a cell, worded for whoever typed it."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


def plain(value: Any) -> str:
    """A cell as the text that was typed: whole numbers without ``.0``, half width, no outer spaces."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (date, datetime)):
        return value.isoformat()[:10]
    return unicodedata.normalize("NFKC", str(value)).strip()


def text(length: int) -> Reader:
    def read(value: Any) -> str:
        found = plain(value)
        if len(found) > length:
            raise CellError(_("At most %(n)s characters.") % {"n": length})
        if not storable(found):
            raise CellError(_("Contains a character that cannot be stored."))
        if found.startswith(FORMULA):
            raise CellError(_("Begins like a formula."))
        return found

    return read


def _part(suffix: str, length: int) -> Reader:
    pattern, short = re.compile(f"(?:{suffix})$"), text(length)

    def read(value: Any) -> str:
        found = pattern.sub("", plain(value)).strip()
        return str(short(NUMERAL.sub(lambda n: numeral(n[0]), found)))

    return read


entrance = _part("单元|门洞|梯", 10)
room = _part("室|房|号房|户", 20)


def floor(value: Any) -> str:
    """``12``, ``12层``, ``B1``, ``-1``: below ground is B1 in our books."""
    found = re.sub(r"(层|楼|[fF])$", "", plain(value)).strip().upper()
    found = NUMERAL.sub(lambda n: numeral(n[0]), found)
    found = re.sub(r"^(?:-|负|地下)(?=\d)", "B", found)
    if not re.fullmatch(r"[A-Z]{0,2}\d{1,3}[A-Z]?", found):
        raise CellError(_("Not a floor: 12, 12A, B1."))
    return found


def area(value: Any) -> Decimal:
    typed = re.sub(r"(㎡|m2|m²|平方米|平米|平)$", "", plain(value), flags=re.IGNORECASE).replace(",", "")
    try:
        found = Decimal(typed).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise CellError(_("Enter a number.")) from error
    if not Decimal(0) < found < Decimal(10_000_000):
        raise CellError(_("An area lies above zero."))
    return found


def day(value: Any) -> date:
    found = _day(value)
    if found is None:
        raise CellError(_("Not a date: 2026-11-21."))
    if not OLDEST <= found <= LATEST:
        raise CellError(_("This date is too far away."))
    return found


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float) and 1 <= value < 80_000:
        return EXCEL_DAY_0 + timedelta(days=int(value))
    match = DATE.match(plain(value))
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def phone(value: Any) -> str:
    """One number: a mobile without its country, or a line with its area."""
    found = re.sub(r"[\s()()·.]", "", plain(value))
    found = re.sub(r"[‐-―—–]", "-", found)
    bare = re.sub(r"^(?:\+|00)?86-?(?=1[3-9])", "", found).replace("-", "")
    if MOBILE.match(bare):
        return bare
    if LINE.match(found):
        return found
    raise CellError(_("Not a phone number: a mobile has 11 digits, a line its area code."))


def phones(value: Any) -> tuple[str, ...]:
    """One or several numbers in a cell, the first is the customer's own."""
    parts = [part for part in BETWEEN_PHONES.split(plain(value)) if part]
    try:
        return (phone(value),)
    except CellError:
        if len(parts) < 2:
            raise
    return tuple(dict.fromkeys(phone(part) for part in parts))


def email(value: Any) -> str:
    found = plain(value)
    if len(found) > 254 or not MAIL.match(found) or found.startswith(FORMULA):
        raise CellError(_("Not an e-mail address."))
    return found


def _one_of(known: Mapping[str, Any], say: str) -> Reader:
    def read(value: Any) -> Any:
        found = known.get(plain(value).casefold())
        if found is None:
            raise CellError(_("Not known. One of: %(n)s") % {"n": say})
        return found

    return read


def _words(table: Mapping[Any, str]) -> tuple[Mapping[str, Any], str]:
    known = {word.casefold(): value for value, words in table.items() for word in (str(value), *words.split())}
    return known, "、".join(words.split()[0] for words in table.values())


kind = _one_of(*_words({
    UnitKind.HOME: "住宅 住房 公寓 别墅 home",
    UnitKind.OFFICE: "写字楼 办公 办公室 office",
    UnitKind.HOTEL: "酒店 客房 hotel",
    UnitKind.SHOP: "商铺 商业 店铺 门面 shop",
    UnitKind.PARKING: "车位 车库 停车位 parking",
}))  # fmt: skip
status = _one_of(*_words({
    UnitStatus.UNSOLD: "未售 未售出 待售",
    UnitStatus.SOLD: "已售 已售未交 未交付",
    UnitStatus.HANDED_OVER: "已交付 已交房 交付 已收房",
    UnitStatus.FITTING_OUT: "装修中 装修 在装",
    UnitStatus.OCCUPIED: "已入住 入住 自住 自用 在住",
    UnitStatus.LET: "已出租 出租 在租",
    UnitStatus.VACANT: "空置 空关 空房",
}))  # fmt: skip
customer_kind = _one_of(*_words({
    CustomerKind.PERSON: "个人 自然人",
    CustomerKind.COMPANY: "单位 公司 企业 法人",
}))  # fmt: skip
role = _one_of(*_words({
    HomeRole.OWNER: "业主 产权人 房主",
    HomeRole.TENANT: "租户 租客 承租人 使用人",
    HomeRole.MEMBER: "家庭成员 家属 同住人 成员",
}))  # fmt: skip
yes = _one_of(*_words({True: "是 可 可以 有 yes y 1 √", False: "否 不可 不可以 无 no n 0"}))
