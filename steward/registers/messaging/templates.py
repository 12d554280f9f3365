"""What people are told: a text per kind of message, shipped in code and chosen anew by a project.

A text names its placeholders in braces: ``Repair {number} received``. The shipped texts are message ids of the
process's own catalogue, so that every language has its preset.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_noop

from steward.kernel import reference
from steward.registers.messaging.models import MessageTemplate

PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_PRESET: Final = re.compile(r"%\((\w+)\)s")
PARTS: Final = ("subject", "body", "short")
#: Added by the house to every message: nothing has to be passed for it.
EXAMPLES: Final[Mapping[str, str]] = {
    "number": "YX-20261121-0007",
    "title": gettext_noop("Water drips from the bathroom ceiling"),
    "who": "李建国",
    "when": "11-21 14:30",
    "amount": "180.00",
    "total": "180.00",
    "reason": gettext_noop("waiting for parts"),
    "deadline": gettext_noop("First answer"),
    "text": gettext_noop("The part has been ordered and will be fitted tomorrow morning"),
    "answer": gettext_noop("The lamp has been replaced; we check the staircase every week from now on"),
    "plan": gettext_noop("the pump is to be renewed"),
    "solution": gettext_noop("the lamp has been replaced"),
    "item": gettext_noop("Window cleaning, per hour"),
    "quantity": "2",
    "count": "2",
    "texts": "…",
    "stage": "2",
    "why": gettext_noop("Nobody was sent for 3 h; now it is up to the front desk: dispatch."),
}


@dataclass(frozen=True)
class Template:
    """``alone``: asks for an answer, never joined with others. ``idle``: can wait for the morning in any case.

    ``examples``: what stands in a text for its placeholders where it differs from what others say.
    """

    key: str
    title: Any
    subject: str
    body: str
    short: str = ""
    for_staff: bool = False
    alone: bool = False
    idle: bool = False
    examples: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        REGISTRY[self.key] = self

    @property
    def placeholders(self) -> tuple[str, ...]:
        """What a text of this kind may name, in the order of the shipped text."""
        named = _PRESET.findall(self.subject + self.body + self.short)
        return tuple(dict.fromkeys(named))


REGISTRY: Final[dict[str, Template]] = {}


@dataclass(frozen=True)
class Words:
    """A text before its placeholders are filled. ``version``: the row's number, or ``preset``."""

    subject: str
    body: str
    short: str
    version: str = "preset"

    def filled(self, values: Mapping[str, Any]) -> "Words":
        subject, body, short = (fill(getattr(self, part), values) for part in PARTS)
        return Words(subject, body, short, self.version)


def fill(text: str, values: Mapping[str, Any]) -> str:
    """A placeholder nobody gave stays as it is: better seen than lost."""
    return PLACEHOLDER.sub(lambda m: str(values.get(m[1], m[0])), text)


def preset(template: Template, language: str) -> Words:
    return _translated(_texts(template), language)


@lru_cache(maxsize=512)
def _translated(texts: tuple[str, str, str], language: str) -> Words:
    with translation.override(language):
        subject, body, short = (_PRESET.sub(r"{\1}", translate(t)).replace("%%", "%") if t else "" for t in texts)
    return Words(subject, body, short)


def _texts(template: Template) -> tuple[str, str, str]:
    return template.subject, template.body, template.short or template.subject


@reference.cached
def _chosen() -> dict[tuple[str, str, int | None], Words | None]:
    """The latest of each; None where somebody went back to the shipped text."""
    kept: dict[tuple[str, str, int | None], Words | None] = {}
    for row in MessageTemplate.objects.order_by("pk"):
        words = None if row.is_preset else Words(row.subject, row.body, row.short, str(row.pk))
        kept[row.key, row.language, row.node_id] = words
    return kept


def words_of(template: Template, *, lineage: Sequence[int], language: str) -> Words:
    """The nearest place's text; going back to the shipped one counts as a choice of that place."""
    chosen = _chosen()
    for node_id in (*lineage, None):
        key = (template.key, language, node_id)
        if key in chosen:
            return chosen[key] or preset(template, language)
    return preset(template, language)


def example_of(template: Template, language: str) -> dict[str, str]:
    with translation.override(language):
        examples = {**EXAMPLES, **template.examples}
        found = {name: examples.get(name, "…") for name in template.placeholders}
        return {name: translate(value) if value and value.isascii() else value for name, value in found.items()}
