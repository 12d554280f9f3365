"""The desk on a Monday morning: its households, a clock moved by hand, and a keyboard."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from steward.cases.models import Case
from steward.demo.cast import Company, Household, add_household, add_unit
from steward.kernel import reference
from steward.kernel.actor import Actor
from steward.registers.knowledge.articles import save_article
from steward.registers.party import search

ZONE: Final = ZoneInfo("Asia/Shanghai")
MONDAY: Final = datetime(2026, 11, 23, 7, 30, tzinfo=ZONE)

#: One riser, nine homes along it.
RISER: Final = (
    Household("3-1-0502", "顾文斌", "13805710502"),
    Household("3-1-0901", "潘国强", "13805710901"),
    Household("3-1-0701", "邓伟", "13805710701"),
    Household("3-1-0301", "沈建华", "13805710301"),
    Household("3-1-0401", "马晓燕", "13805710401"),
    Household("3-1-0602", "郑秀兰", "13805710602"),
    Household("3-1-0802", "叶青", "13805710802"),
    Household("3-1-1002", "袁梅", "13805711002"),
    Household("3-1-1101", "蒋涛", "13805711101"),
)
OTHERS: Final = (
    Household("6-1-0502", "钱勇", "13805720502"),
    Household("6-2-1103", "朱琳", "13805721103"),
    Household("7-2-0304", "韩冰", "13805730304"),
    Household("8-1-0202", "罗建军", "13805740202"),
    Household("8-1-1401", "唐婉", "13805741401"),
)
KNOWN: Final = (
    ("装修押金怎么退？", "完工满三个月、复查没有问题，凭收据到前台办理，五个工作日内原路退回。", "装修 押金 退款"),
    ("快递代收到几点？", "前台代收到晚上九点，凭取件码领取。", "包裹 驿站"),
)
CHAT: Final = """8-1-1401唐婉 09:20
你好，客厅的灯不亮了
8-1-1401唐婉 09:20
[图片]
8-1-1401唐婉 09:21
开关换过还是不行，下午四点后在家"""
#: Words and a picture, as WeChat puts them on the clipboard.
COPIED: Final = """async (text) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#3a4a56"; pen.fillRect(0, 0, 640, 480);
  pen.fillStyle = "#f4f1e6"; pen.beginPath(); pen.arc(320, 210, 90, 0, 7); pen.fill();
  const picture = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const words = new Blob([text], { type: "text/plain" });
  await navigator.clipboard.write([new ClipboardItem({ "text/plain": words, "image/png": picture })]);
}"""


@dataclass
class Clock:
    """Stands where it was put and runs on from there, as a clock on the wall does."""

    put: datetime = MONDAY
    since: float = field(default_factory=monotonic)

    def __call__(self) -> datetime:
        return (self.put + timedelta(seconds=monotonic() - self.since)).astimezone(UTC)

    def set(self, text: str) -> None:
        hour, minute = text.split(":")
        self.put, self.since = MONDAY.replace(hour=int(hour), minute=int(minute)), monotonic()


def people(company: Company, actor: Actor, at: datetime) -> None:
    """The homes of the morning beside those of the cast, and what the desk has written down to answer from."""
    for home in (*RISER, *OTHERS):
        add_unit(company, "YX", home.unit, butler=company.staff["butler"])
        add_household(company, "YX", home, at)
    search.reindex(company.nodes["YX"].pk)
    for question, answer, keywords in KNOWN:
        save_article(
            article_id=None,
            node_id=company.nodes["YX"].pk,
            actor=actor,
            at=at,
            question=question,
            answer=answer,
            keywords=keywords,
            owner=actor.staff_id,
            review_on=(at + timedelta(days=90)).date(),
        )
    reference.bump()


class Keyboard:
    """All the desk has: nothing here clicks, and no page is opened by its address."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def type(self, text: str) -> None:
        """As an input method puts it in."""
        self.page.keyboard.insert_text(text)

    def reach(self, selector: str, *, key: str = "Tab", most: int = 30) -> None:
        """On with Tab (or an arrow) until the cursor is there."""
        for _step in range(most):
            if self.page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
                return
            self.press(key)
        raise AssertionError(f"{selector} is more than {most} keys away")

    def choose(self, words: str) -> None:
        """Down in the list that has the cursor, to what says these words."""
        for _step in range(20):
            chosen = self.page.evaluate("document.activeElement.selectedOptions[0].textContent")
            if words in chosen:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{words} is not in the list")

    def date(self, selector: str, value: str) -> None:
        """In what order a date is typed is the browser's own affair: tabbed to, but not typed figure by figure."""
        self.reach(selector)
        self.page.locator(selector).fill(value)

    def menu(self, path: str) -> None:
        """Alt+M, down to the line, Enter."""
        self.press("Alt+m")
        self.reach(f'.sidenav a[href="{path}"]', key="ArrowDown")
        self.press("Enter")
        self.page.wait_for_url(f"**{path}")

    def phone_rings(self) -> None:
        """F2, from whatever page."""
        self.press("F2")
        self.page.wait_for_url("**/intake/")
        self.page.locator("#ask:focus").wait_for()

    def call(self, whose: str) -> None:
        """F2, whose call it is, Enter."""
        self.phone_rings()
        self.page.keyboard.type(whose, delay=10)
        expect(self.page.locator(".suggest-list [role=option]").first).to_be_visible()
        self.press("Enter")
        self.page.locator("#who h2").wait_for()
        self.page.locator("[name=kind]:focus").wait_for()
        self.pressed = 0

    def saved(self) -> Case:
        self.page.wait_for_url("**/cases/*/**")
        return Case.objects.unscoped().order_by("-pk")[0]

    def form(self, on: str) -> None:
        """The step's form has opened by itself, the cursor is in the first open question."""
        expect(self.page.locator("dialog[open] form#act")).to_be_visible()
        self.page.wait_for_function(
            "s => document.activeElement?.closest('form#act') && document.activeElement.matches(s)", arg=on
        )

    def away(self) -> None:
        """Esc: that step can wait."""
        self.press("Escape")
        expect(self.page.locator("dialog[open]")).to_have_count(0)
        self.page.wait_for_load_state()
        self.page.wait_for_function("() => !document.activeElement?.closest('dialog')")

    def done(self, words: str) -> None:
        """The page says so; what it said of the step before may still stand there."""
        expect(self.page.locator("#flashes .flash.ok:not([data-seen])").last).to_contain_text(words)
        self.page.evaluate("document.querySelectorAll('#flashes .flash').forEach(said => { said.dataset.seen = '1' })")
        expect(self.page.locator("dialog[open]")).to_have_count(0)
        self.page.wait_for_load_state()
