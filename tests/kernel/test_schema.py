"""What is wrong with an input, said in the reader's language."""

from decimal import Decimal
from enum import StrEnum

import pytest
from django.utils import translation

from steward.kernel.errors import InvalidError
from steward.kernel.schema import Data, ask, parse


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"
    NONE = "none"


class Given(Data):
    mood: Mood = ask(Mood.GOOD, title="Mood")
    sum: Decimal = ask(Decimal(1), title="Sum", gt=0, lt=100)
    words: str = ask("ok", title="Words", min_length=2)


@pytest.mark.parametrize(
    ("raw", "chinese", "english"),
    [
        ({"mood": "?"}, "请从以下选择：good、bad、none。", "Choose one of: good, bad, none."),
        ({"words": "x"}, "至少 2 个字。", "At least 2 characters."),
        ({"words": ""}, "此项必填。", "This field is required."),
        ({"sum": "0"}, "须大于 0。", "Must be more than 0."),
        ({"sum": "100"}, "须小于 100。", "Must be less than 100."),
    ],
)
def test_choices_and_bounds(raw: dict[str, str], chinese: str, english: str) -> None:
    for language, said in (("zh-hans", chinese), ("en", english)):
        with translation.override(language), pytest.raises(InvalidError) as caught:
            parse(Given, raw)
        assert list(caught.value.fields.values()) == [said]
