import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.casework.intake.chat import read, room_in

EXPORTED = """王淑芬 3-2-1201 2026-11-21 09:31
你好，主卧卫生间吊顶在滴水
[图片]
客服周敏 2026-11-21 09:32
您好，电话方便留一下吗
王淑芬 3-2-1201 2026-11-21 09:33
138 0001 6621，我女儿在家
[图片]"""


def test_an_exported_chat_becomes_a_report() -> None:
    found = read(EXPORTED, ours=frozenset({"周敏"}))
    assert (found.room, found.phone, found.photos) == ("3-2-1201", "13800016621", 2)
    assert found.reporter == "王淑芬"
    assert found.text == "主卧卫生间吊顶在滴水\n138 0001 6621，我女儿在家"
    assert [one.name for one in found.said] == ["王淑芬 3-2-1201", "客服周敏", "王淑芬 3-2-1201"]


def test_times_in_brackets() -> None:
    found = read("[2026/11/21 下午3:05] 老高：5栋2单元1203 楼道灯不亮\n[2026/11/21 15:06] 老高：急")
    assert (found.reporter, found.room) == ("老高", "5-2-1203")
    assert found.text == "5栋2单元1203 楼道灯不亮\n急"


def test_plain_words_with_labels() -> None:
    found = read("姓名：刘洋\n房号：2-1-0304\n电话：0571-88010001\n厨房下水堵了")
    assert (found.reporter, found.room, found.phone) == ("刘洋", "2-1-0304", "0571-88010001")


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("5#1203漏水", "5-1203"),
        ("5栋2单元1203", "5-2-1203"),
        ("3号楼1201室", "3-1201"),
        ("三幢二单元1201", "3-2-1201"),
        ("十二栋1单元0304房", "12-1-0304"),
        ("3-2-1201", "3-2-1201"),
        ("五栋二单元一二〇三漏水", "5-2-1203"),
        ("A座1203没电", "A-1203"),
        ("地下二层B2-103", ""),
        ("打 13800016621 找我", ""),
        ("2026-11-21 来过", ""),
        ("明天9点到18点都在", ""),
    ],
)
def test_rooms_in_any_wording(text: str, room: str) -> None:
    assert room_in(text) == room


@pytest.mark.parametrize("time", ["昨天 10:02", "星期三 10：02", "10:02 AM", "前天 下午3:05", "2026年11月21日 10:02"])
def test_the_time_a_phone_prints_is_no_part_of_the_name(time: str) -> None:
    found = read(f"王淑芬 {time}\n厨房漏水")
    assert (found.reporter, found.text) == ("王淑芬", "厨房漏水")


def test_a_name_may_begin_with_its_room() -> None:
    found = read("8-1-1401唐婉 09:20\n你好，客厅的灯不亮了\n12-2-0304李敏 09:21\n我家也是")
    assert found.text == "客厅的灯不亮了\n我家也是"
    assert [one.name for one in found.said] == ["8-1-1401唐婉", "12-2-0304李敏"]


def test_what_the_chat_prints_is_not_what_was_said() -> None:
    found = read('—————  2026-11-21  —————\n王淑芬 10:02\n漏水[表情]\n[语音] 12"\n[图片]\n哪天来？\n周三')
    assert (found.text, found.photos) == ("漏水\n哪天来？\n周三", 1)


def test_room_and_name_before_the_words() -> None:
    found = read("3-2-1201 王淑芬：您好，厨房漏水：一直滴")
    assert (found.reporter, found.room, found.text) == ("王淑芬", "3-2-1201", "厨房漏水：一直滴")
    assert read("我是5#1203的业主李华，灯坏了").reporter == "李华"


@given(st.text(max_size=400))
def test_anything_may_be_pasted(text: str) -> None:
    found = read(text)
    assert "\x00" not in found.text
    assert len(found.reporter) <= 24
