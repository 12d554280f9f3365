"""Reading what was pasted from a chat, a mail or a letter: who, which room, which number, what it is about.

Two exported forms are known (name and time on a line of their own; ``[time] name: words``); anything else is
taken as plain words. Nothing is guessed beyond what stands there: the desk confirms before it saves.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MOST: Final = 20_000
PHONE: Final = re.compile(r"(?<!\d)(1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-\d{7,8})(?!\d)")
#: 3-2-1201, 5#1203, 5栋2单元1203, 3号楼1201室, 3幢二单元一二〇一, A座1203.
NUMBERS: Final = "0-9一二三四五六七八九十"
ROOM: Final = re.compile(
    rf"(?<![\dA-Za-z-])(?:([{NUMBERS}]{{1,3}})\s*(?:栋|幢|号楼|座|楼|#|-)|([A-Za-z])\s*(?:栋|幢|座))\s*"
    rf"(?:([{NUMBERS}]{{1,2}})\s*(?:单元|门|-)\s*)?(\d{{3,4}}|[〇零一二三四五六七八九]{{3,4}})(?!\d)(?:室|房|号)?"
)
DAY: Final = r"(?:(?:\d{4}[-/年.])?\d{1,2}[-/月.]\d{1,2}日?|昨天|前天|星期[一二三四五六日天]|周[一二三四五六日天])"
TIME: Final = rf"(?:{DAY}\s*)?(?:上午|中午|下午|晚上|凌晨)?\s*\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s*[AaPp][Mm])?"
#: A name may begin with its room (8-1-1401唐婉), whose first figures only look like a day.
HEAD: Final = re.compile(
    rf"^(?!(?:明天|今天|后天|上午|下午|晚上|约|大概|{DAY}(?![-\d])))(?P<name>[^\[\]:：]{{1,24}}?)\s*[:：]?\s+(?P<time>{TIME})\s*$"
)
#: Between two days an exported chat prints the day between strokes; a day alone may be somebody's answer.
DATE_LINE: Final = re.compile(rf"^\s*[—–─=-]{{2,}}\s*{DAY}(?:\s+\S{{1,6}})?\s*[—–─=-]{{2,}}\s*$")
BRACKET: Final = re.compile(rf"^[\[【](?P<time>{TIME})[\]】]\s*(?P<name>[^:：]{{1,24}})[:：]\s*(?P<words>.*)$")
INLINE: Final = re.compile(r"^(?P<name>(?:[\d#-]{3,12}[ -]?)?[^\d\s:：，。,]{1,12})[:：]\s*(?P<words>.+)$")
PICTURE: Final = re.compile(r"[\[【](?:图片|照片|视频|Photo|Image|Video)[^\]】]{0,20}[\]】]")
#: With the seconds that stand behind a voice message: [语音] 12".
MEDIA: Final = re.compile(
    rf"{PICTURE.pattern}|[\[【](?:语音|表情|动画表情|文件|位置|Voice|Sticker|File|Location)[^\]】]{{0,20}}[\]】](?:\s*\d{{1,3}}[\"″”’'秒]+)?"
)
ADDRESS: Final = re.compile(r"(?:房号|地址|住址|姓名|称呼|电话|手机|联系电话|联系人)\s*[:：]\s*")
GREETING: Final = re.compile(
    r"^(?:(?:师傅|物业|管家|客服|前台|小?[\u4e00-\u9fff]管家)[，,、 ]?)?(?:您好|你好|早上好|上午好|下午好|晚上好|在吗|在么)(?:[，,。.！!？?~～\s]+|$)"
)
CHINESE: Final = "零一二三四五六七八九"


@dataclass(frozen=True)
class Said:
    """One message of the chat."""

    name: str
    time: str
    words: str


@dataclass(frozen=True)
class Pasted:
    """What the text says about itself. ``room`` as in 3-2-1201; ``photos``: pictures it speaks of."""

    reporter: str = ""
    phone: str = ""
    room: str = ""
    text: str = ""
    photos: int = 0
    said: tuple[Said, ...] = ()


def read(text: str, *, ours: frozenset[str] = frozenset()) -> Pasted:
    """``ours``: names of colleagues; what they said is no report."""
    plain = _plain(text[:MOST])
    said = tuple(_messages(plain))
    theirs = [one for one in said if not any(name in one.name for name in ours)] or list(said)
    whole = "\n".join(one.words for one in theirs)
    names = [one.name for one in theirs if one.name]
    title = names[0] if names else ""
    room = room_in(whole) or room_in(title)
    return Pasted(
        reporter=_named(whole) or _person(title),
        phone=_phone(whole),
        room=room,
        text=_clean(whole),
        photos=len(PICTURE.findall(whole)),
        said=said,
    )


def _plain(text: str) -> str:
    """Full-width letters and digits as plain ones; Chinese punctuation stays as it was typed, save within a time."""
    kept = text.replace("\x00", "").replace("\r\n", "\n")
    plain = "".join(
        unicodedata.normalize("NFKC", c) if "！" <= c <= "～" and c not in "，！？；：（）" else c for c in kept
    )
    return re.sub(r"(?<=\d)：(?=\d)", ":", plain)


def _messages(text: str) -> list[Said]:
    found: list[Said] = []
    name = time = ""
    lines: list[str] = []

    def close() -> None:
        words = "\n".join(lines).strip()
        if words:
            found.append(Said(name, time, words))
        lines.clear()

    for line in text.splitlines():
        bracket, head = BRACKET.match(line), HEAD.match(line)
        mark = bracket or head
        if mark is None:
            lines.extend(() if DATE_LINE.match(line) else (line,))
            continue
        close()
        name, time = mark["name"].strip(), mark["time"].strip()
        if bracket is not None:
            lines.append(bracket["words"])
    close()
    return found if any(one.name for one in found) else _inline(text)


def _inline(text: str) -> list[Said]:
    """``王姐: 水管漏了`` without times; labels such as 电话: are no names."""
    first = INLINE.match(text.strip().split("\n", 1)[0])
    if first is None or ADDRESS.match(text.strip()):
        return [Said("", "", text.strip())] if text.strip() else []
    name = first["name"]
    return [Said(name, "", re.sub(rf"(?m)^{re.escape(name)}[:：]\s*", "", text.strip()))]


def room_in(text: str) -> str:
    """The first room named, written as in 3-2-1201 (3-1203 without an entrance)."""
    found = ROOM.search(PHONE.sub(" ", text))
    if found is None:
        return ""
    return "-".join(_digits(part) for part in found.groups() if part)


def _digits(text: str) -> str:
    if text.isdecimal():
        return text
    tens, _ten, ones = text.partition("十")
    if "十" in text:
        return str((CHINESE.find(tens) if tens else 1) * 10 + (CHINESE.find(ones) if ones else 0))
    return "".join(str(CHINESE.find(c)) if c in CHINESE else c for c in text.upper().replace("〇", "零"))


def _named(text: str) -> str:
    found = re.search(r"(?:姓名|称呼|联系人)\s*[:：]\s*([\u4e00-\u9fff]{2,4})", text)
    if found:
        return found[1]
    said = re.search(
        r"我(?:是|叫|姓)\s*(?:[\w#-]{0,16}(?:室|房|的))?\s*([\u4e00-\u9fff]{1,4}?)(?=[,，。、；;\s]|$)", text
    )
    return said[1].removeprefix("业主") if said and not ROOM.search(said[1]) else ""


def _person(nick: str) -> str:
    """A nickname of a group often carries the room: 3-2-1201王淑芬."""
    return ROOM.sub("", nick).strip(" -_—|·()（）业主") or nick


def _phone(text: str) -> str:
    """A mobile number without its gaps; an area code keeps its dash."""
    found = _first(PHONE, text)
    return found if found.startswith("0") else re.sub(r"[ -]", "", found)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else ""


def _clean(text: str) -> str:
    """Without pictures' names and without the greeting, unless it is all that was said."""
    lines = [line for line in (MEDIA.sub("", line).strip() for line in text.splitlines()) if line]
    plain = [GREETING.sub("", lines[0]), *lines[1:]] if lines else []
    return "\n".join(line for line in plain if line) or "\n".join(lines)
