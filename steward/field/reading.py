"""From what a phone sends to the input of an action, pictures stored on the way."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from steward.cases.declare import REGISTRY, Nothing, Process
from steward.casework.intake.numbers import project_of
from steward.field.asking import VERBS
from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError, NotFoundError
from steward.kernel.files import MAX_BYTES, store_picture
from steward.kernel.schema import Data
from steward.registers.org.tree import Place
from steward.web.forms import PHOTO_SPACE, client_uuid, kind_of, posted


@dataclass(frozen=True)
class Item:
    """One action as the phone stored it. ``fault``: what of it could not be read, the rest stands in ``raw``."""

    where: Place
    number: str
    action: str
    client_uuid: uuid.UUID
    happened_at: datetime | None
    raw: dict[str, Any]
    fault: InvalidError | None = None


def read_item(request: HttpRequest, actor: Actor, at: datetime) -> Item:
    """Raises NotFoundError (no such number here) and InvalidError (no identifier): nothing can be kept of those."""
    number, action = request.POST.get("number", ""), request.POST.get("action", "")
    where = project_named(number)
    if where.id not in actor.project_ids:
        raise NotFoundError(_("There is no such case."))
    known = client_uuid(request)
    form = form_of(number, action)
    raw, fault = _read_what_can_be(form, request, actor, where, at)
    return Item(where, number, action, known, tapped_at(request, at), raw, fault)


def project_named(number: str) -> Place:
    """The project a case number names. Raises NotFoundError for a number that cannot be ours."""
    where = project_of(number)
    if where is None:
        raise NotFoundError(_("There is no such case."))
    return where


def form_of(number: str, action: str) -> type[Data]:
    """The input of an action by the number alone: the case itself may be out of sight by now."""
    if action in VERBS:
        return VERBS[action].form
    process = process_of_number(number)
    found = process.action(action) if process else None
    return found.form if found else Nothing


def process_of_number(number: str) -> Process | None:
    prefix = number.partition("-")[0]
    return next((p for p in REGISTRY.values() if p.prefix == prefix), None)


def tapped_at(request: HttpRequest, at: datetime) -> datetime | None:
    """Our clock less the time between tap and sending by the phone's: its clock may be wrong, not its seconds."""
    try:
        tapped = datetime.fromisoformat(request.POST.get("tapped_at", ""))
        sent = datetime.fromisoformat(request.POST.get("sent_at", ""))
        return at - max(sent - tapped, timedelta(0))
    except (ValueError, TypeError, OverflowError):
        return None


def read_form(form: type[Data], request: HttpRequest, actor: Actor, where: Place, at: datetime) -> dict[str, Any]:
    """Like ``posted``; price list rows of which nothing was taken do not count."""
    raw = posted(form, request, actor=actor, project_id=where.id, tz=where.tz, at=at)
    for name, info in form.model_fields.items():
        if kind_of(info) == "lines":
            raw[name] = [line for line in raw.get(name, ()) if line.get("quantity") not in ("", "0", None)]
    return raw


def _read_what_can_be(
    form: type[Data], request: HttpRequest, actor: Actor, where: Place, at: datetime
) -> tuple[dict[str, Any], InvalidError | None]:
    """A picture that is none must not take the rest down with it: the good ones are kept, the field is named."""
    fault: InvalidError | None = None
    for _attempt in range(len(form.model_fields) + 1):
        try:
            return read_form(form, request, actor, where, at), fault
        except InvalidError as error:
            fault = fault or error
            for name in error.fields:
                _drop_bad(name, request, actor, where, at)
    return {}, fault


def _drop_bad(name: str, request: HttpRequest, actor: Actor, where: Place, at: datetime) -> None:
    """Replace a field's uploads by the identifiers of those that are pictures."""
    base = request.POST.get("client_uuid", "")
    kept = [
        _store(f"{base}:{name}:{n}", upload, actor, where, at) for n, upload in enumerate(request.FILES.getlist(name))
    ]
    request.FILES.setlist(name, [])
    post = request.POST.copy()
    post.setlist(name, [str(pk) for pk in kept if pk is not None])
    request.POST = post  # type: ignore[assignment]


def _store(seed: str, upload: "UploadedFile[Any]", actor: Actor, where: Place, at: datetime) -> int | None:
    if upload.size is None or upload.size > MAX_BYTES:
        return None
    upload.seek(0)
    try:
        stored = store_picture(
            project_id=where.id,
            actor=actor,
            name=upload.name or "",
            content=upload.read(),
            client_uuid=uuid.uuid5(PHOTO_SPACE, seed),
            at=at,
        )
    except InvalidError:
        return None
    return stored.pk
