"""Verbs: choose a text, choose how somebody is reached."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from steward.kernel import audit, reference
from steward.kernel.actor import Actor, Role
from steward.kernel.db import retrying, write
from steward.kernel.errors import InvalidError, NotAllowedError, NotFoundError
from steward.kernel.schema import storable
from steward.registers.messaging.models import ContactPreference, MessageTemplate, Via
from steward.registers.messaging.templates import PARTS, PLACEHOLDER, REGISTRY, Template
from steward.registers.org.models import Level
from steward.registers.org.tree import tree

#: Characters before the link is added. An SMS of 70 characters is one; longer ones are paid by parts of 67.
LONGEST: Final[Mapping[str, int]] = {"subject": 100, "body": 2000, "short": 140}
WRITERS: Final = (Role.MANAGER, Role.REGION, Role.HQ)
REACHABLE: Final = (Via.SMS, Via.EMAIL)


def may_write(actor: Actor, node_id: int | None) -> bool:
    """Whoever leads every project under the node."""
    paths = [p.path for p in tree().places.values() if (p.id == node_id if node_id else p.level == Level.HEAD_OFFICE)]
    under = frozenset().union(*(tree().projects_under[path] for path in paths))
    return bool(under) and under <= actor.projects_with(*WRITERS)


def check_words(template: Template, given: Mapping[str, str]) -> None:
    """Raises InvalidError naming each part with an unknown or broken placeholder, too long, or empty."""
    wrong = {part: fault for part in PARTS if (fault := _fault(template, part, given.get(part, "")))}
    if wrong:
        raise InvalidError(wrong)


def _fault(template: Template, part: str, text: str) -> Any:
    if not storable(text):
        return _("Contains a character that cannot be stored.")
    if not text.strip():
        return _("Must not be empty.")
    if len(text) > LONGEST[part]:
        return _("At most %(most)s characters.") % {"most": LONGEST[part]}
    rest = PLACEHOLDER.sub("", text)
    if "{" in rest or "}" in rest:
        return _("A brace is not closed: placeholders look like {number}.")
    unknown = [name for name in PLACEHOLDER.findall(text) if name not in template.placeholders]
    if unknown:
        return _("There is no placeholder {%(name)s} in this message.") % {"name": unknown[0]}
    return None


def set_template(
    *,
    key: str,
    node_id: int | None,
    language: str,
    words: Mapping[str, str],
    actor: Actor,
    at: datetime,
    note: str = "",
) -> None:
    """Choose a text for a place; what stood before is kept. The same text again changes nothing."""
    template = _template(key, language)
    check_words(template, words)
    texts = {part: words[part].strip().replace("\r\n", "\n") for part in PARTS}
    _choose(template, node_id, language, actor, at, note, **texts)


def back_to_preset(*, key: str, node_id: int | None, language: str, actor: Actor, at: datetime, note: str = "") -> None:
    _choose(_template(key, language), node_id, language, actor, at, note, is_preset=True)


def _template(key: str, language: str) -> Template:
    if key not in REGISTRY or language not in dict(settings.LANGUAGES):
        raise NotFoundError(_("There is no such message."))
    return REGISTRY[key]


def _choose(
    template: Template, node_id: int | None, language: str, actor: Actor, at: datetime, note: str, **texts: Any
) -> None:
    if not may_write(actor, node_id):
        raise NotAllowedError(_("Texts are chosen by whoever leads the project."), rule="messages.template_writer")
    if len(note) > 200:
        raise InvalidError({"note": _("At most %(most)s characters.") % {"most": 200}})
    with write():
        same = MessageTemplate.objects.filter(key=template.key, language=language, node=node_id)
        last = same.order_by("-pk").first()
        if last is not None and all(getattr(last, name) == value for name, value in texts.items()):
            return
        row = MessageTemplate.objects.create(
            key=template.key,
            language=language,
            node_id=node_id,
            note=note.strip(),
            set_by=actor.key,
            set_by_name=actor.name,
            set_at=at,
            **texts,
        )
        is_project = node_id is not None and tree().places[node_id].level == Level.PROJECT
        audit.record(
            project_id=node_id if is_project else None,
            actor=actor,
            at=at,
            what="template.set",
            subject_kind="messaging.template",
            subject_id=f"{template.key}:{language}",
            after={"node": node_id, "version": row.pk, **texts},
            reason=note,
        )
        reference.bump()


def set_preference(
    *,
    project_id: int,
    recipient: str,
    channels: Sequence[str],
    muted: bool,
    language: str,
    actor: Actor,
    at: datetime,
) -> ContactPreference:
    """How somebody is reached outside the app: their own choice, or noted by the office for them."""
    if not _may_choose(actor, project_id, recipient):
        raise NotFoundError(_("There is nobody like this."))
    if [c for c in channels if c not in REACHABLE] or len(set(channels)) != len(channels):
        raise InvalidError({"channels": _("Choose among SMS and e-mail, each once.")})
    if language and language not in dict(settings.LANGUAGES):
        raise InvalidError({"language": _("There is no such language.")})
    values = {
        "channels": list(channels),
        "muted": muted,
        "language": language,
        "updated_by": actor.key,
        "updated_at": at,
    }

    def verb() -> ContactPreference:
        rows = ContactPreference.objects.in_project(project_id).filter(recipient=recipient)
        if not rows.update(**values):
            ContactPreference.objects.create(project_id=project_id, recipient=recipient, **values)
        audit.record(
            project_id=project_id,
            actor=actor,
            at=at,
            what="preference.set",
            subject_kind="messaging.preference",
            subject_id=recipient,
            after={"channels": list(channels), "muted": muted, "language": language},
        )
        return rows.get()

    return retrying(verb)


def _may_choose(actor: Actor, project_id: int, recipient: str) -> bool:
    if actor.is_system or actor.key == recipient:
        return True
    if actor.is_resident:
        return recipient in {f"customer:{c}" for c in actor.customers_in(project_id)}
    office = {Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, *WRITERS}
    return actor.is_staff and recipient.startswith("customer:") and bool(actor.roles_in(project_id) & office)
