"""Rooms in people's words: every usual spelling of a unit leads to it."""

from hypothesis import example, given
from hypothesis import strategies as st

from steward.registers.estate.aliases import normal, numeral, unit_keys

HAN = "零一二三四五六七八九"


def han(number: int) -> str:
    """12 → 十二, as people write it."""
    tens, ones = divmod(number, 10)
    ten = ("" if tens == 1 else HAN[tens]) + "十" if tens else ""
    return ten + (HAN[ones] if ones or not tens else "")


def wide(text: str) -> str:
    """Full-width digits and signs, as a Chinese keyboard types them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def spellings(building: int, entrance: int, room: str) -> list[str]:
    """With the entrance, as many ways as a desk hears in a week."""
    b, e, r = str(building), str(entrance), room
    return [
        f"{b}-{e}-{r}", f"{b}栋{e}单元{r}", f"{b}幢{e}单元{r}室", f"{b}号楼{e}单元{r}", f"{b}#{e}单元{r}", f"{b}#楼{e}门{r}号",
        f"{b} {e} {r}", f"{b} 栋 {e} 单元 {r} 室", f"{b}—{e}—{r}", f"{b}/{e}/{r}", f"{b}.{e}.{r}", f"{b}座{e}单元{r}房",
        f"{han(building)}栋{han(entrance)}单元{r}", f"{b}{e}{r}",
    ]  # fmt: skip


def short(building: int, room: str) -> list[str]:
    b = str(building)
    return [
        f"{b}#{room}",
        f"{b}栋{room}",
        f"{b}-{room}",
        f"{b}号楼{room}室",
        f"{han(building)}号楼{room}",
        room,
        f"{room}室",
    ]


buildings, entrances = st.integers(1, 60), st.integers(1, 9)
rooms = st.builds(lambda floor, door: f"{floor:02d}{door:02d}", st.integers(1, 40), st.integers(1, 12))


@given(buildings, entrances, rooms)
@example(5, 2, "1203")
@example(12, 1, "0304")
def test_every_spelling_of_a_unit_is_one_of_its_keys(building: int, entrance: int, room: str) -> None:
    keys = unit_keys(buildings=(str(building), f"{building}栋"), entrance=str(entrance), room=room)
    for said in [*spellings(building, entrance, room), *short(building, room)]:
        assert normal(said) in keys, said
        assert normal(wide(said)) in keys, wide(said)
    bare = room.lstrip("0")
    for said in [*spellings(building, entrance, bare), *short(building, bare)]:
        assert normal(said) in keys, said


@given(buildings, entrances, rooms, buildings, entrances, rooms)
def test_a_full_spelling_leads_to_no_other_unit(b1: int, e1: int, r1: str, b2: int, e2: int, r2: str) -> None:
    """With building, entrance and room said apart; a run of digits may fit several units."""
    keys = unit_keys(buildings=(str(b2), f"{b2}栋"), entrance=str(e2), room=r2)
    for said in spellings(b1, e1, r1)[:-1]:
        assert (normal(said) in keys) == ((b1, e1, r1) == (b2, e2, r2)), said


@given(st.text(max_size=40))
@example("5室栋")
@example("１２﹣３")
def test_any_text_has_a_stable_form(text: str) -> None:
    once = normal(text)
    assert normal(once) == once


@given(st.integers(1, 99))
def test_numerals(number: int) -> None:
    assert numeral(han(number)) == str(number)


def test_nicknames_and_renamed_storeys() -> None:
    keys = unit_keys(buildings=("1", "A座", "写字楼"), entrance="1", room="12A02")
    for said in ("A座12A02", "a座1302", "写字楼12A02室", "写字楼1302", "1-1-12a02", "A-1302", "Ａ座１３０２"):
        assert normal(said) in keys, said
    garden = unit_keys(buildings=("5", "5栋", "枕溪楼"), entrance="2", room="1203")
    assert {normal("枕溪楼1203"), normal("枕溪1203"), normal("枕溪楼2单元1203")} <= garden
