"""From a declared input to a form people fill in, and back from what the browser posts."""

import base64
import binascii
import hashlib
import re
import types
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Union, cast, get_args, get_origin
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _
from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

from steward.design.forms import Choice, Field, Kind
from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError, RefusalError
from steward.kernel.files import MAX_BYTES, store_paper, store_picture
from steward.kernel.marks import mark
from steward.kernel.schema import Data, Label

RATINGS: Final[tuple[Choice, ...]] = (
    ("4", _("Very satisfied")),
    ("3", _("Satisfied")),
    ("2", _("So-so")),
    ("1", _("Not satisfied")),
)
LONG: Final = 200
#: What a new row of lines has in it before anybody touches it.
OFFERED: Final = {"quantity": "1"}
PHOTO_SPACE: Final = uuid.UUID("0d8a4c0e-58a3-4b7e-8d0c-0d7c5a7b9c11")
KINDS: Final[dict[Any, str]] = {
    bool: "bool",
    int: "int",
    Decimal: "money",
    date: "date",
    time: "time",
    datetime: "datetime",
    AwareDatetime: "datetime",
}


def in_words(refused: RefusalError, form: type[Data]) -> str:
    """A refusal where no field stands that could be marked: each begins with the name of what is wrong."""
    wrong = refused.fields if isinstance(refused, InvalidError) else {}
    titles = {
        n: i.json_schema_extra.title for n, i in form.model_fields.items() if isinstance(i.json_schema_extra, Label)
    }
    said = [f"{titles[name]}{mark('：')}{text}" for name, text in wrong.items() if name in titles]
    return "　".join(said) or str(refused)


def questions(
    form: type[Data],
    *,
    actor: Actor,
    options: Mapping[str, Sequence[Choice]] | None = None,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
    leave_out: frozenset[str] = frozenset(),
    columns: Mapping[str, Sequence[Field]] | None = None,
) -> list[Field]:
    """The fields an actor may fill in, with what was typed before and what was wrong with it.

    ``options``: choices that only the face knows (colleagues, price list), by field name.
    """
    hidden = leave_out | (frozenset() if actor.is_staff else form.staff_only)
    return [
        _question(name, info, options or {}, values or {}, errors or {}, (columns or {}).get(name, ()))
        for name, info in form.model_fields.items()
        if name not in hidden
    ]


def _question(
    name: str,
    info: FieldInfo,
    options: Mapping[str, Sequence[Choice]],
    values: Mapping[str, Any],
    errors: Mapping[str, Any],
    columns: Sequence[Field],
) -> Field:
    plain, optional = _unwrap(info.annotation)
    kind = kind_of(info)
    choices = options.get(name) or _choices(plain, kind, optional=optional)
    if choices and kind in ("staff", "text", "rating", "bool", "int"):
        kind = "choice"
    label = info.json_schema_extra
    default = None if info.is_required() or isinstance(info.default, Enum) else info.default
    return Field(
        name=name,
        label=label.title if isinstance(label, Label) else name,
        help=label.help if isinstance(label, Label) else "",
        kind=cast("Kind", kind),
        required=info.is_required() and kind != "bool",
        choices=choices,
        value=values.get(name, default),
        error=_error(name, errors),
        columns=columns,
    )


def _error(name: str, errors: Mapping[str, Any]) -> Any:
    """A field's own message, or the first of its parts (``lines.0.code``)."""
    inside = (text for path, text in errors.items() if path == name or path.startswith(f"{name}."))
    return next(inside, "")


def kind_of(info: FieldInfo) -> str:
    """How a face shows a field: as declared, else by its type."""
    label = info.json_schema_extra
    if isinstance(label, Label) and label.kind:
        return label.kind
    plain, _optional = _unwrap(info.annotation)
    if get_origin(plain) is list:
        return "photos"
    if isinstance(plain, type) and issubclass(plain, Enum):
        return "choice"
    if plain is str:
        bound = next((m.max_length for m in info.metadata if getattr(m, "max_length", None)), LONG)
        return "textarea" if bound > LONG else "text"
    return KINDS.get(plain, "text")


def _unwrap(annotation: Any) -> tuple[Any, bool]:
    """The type inside ``X | None`` and Annotated."""
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [a for a in get_args(annotation) if a is not type(None)]
        return _unwrap(inner[0])[0], True
    if hasattr(annotation, "__metadata__"):
        return _unwrap(annotation.__origin__)
    return annotation, False


def _choices(plain: Any, kind: str, *, optional: bool) -> Sequence[Choice]:
    if kind == "rating":
        return RATINGS
    if isinstance(plain, type) and issubclass(plain, models.Choices):
        return [(str(value), label) for value, label in plain.choices]
    if plain is bool and optional:
        return (("true", _("Yes")), ("false", _("No")))
    return ()


def posted(
    form: type[Data], request: HttpRequest, *, actor: Actor, project_id: int, tz: ZoneInfo, at: datetime
) -> dict[str, Any]:
    """What the browser sent as raw input of the declaration; pictures are stored on the way.

    The same post again stores the same pictures: their identifiers come from the form's client_uuid.
    """
    raw: dict[str, Any] = {}
    for name, info in form.model_fields.items():
        value = _posted_field(name, info, request, actor, project_id, tz, at)
        if value is not None:
            raw[name] = value
    return raw


def _posted_field(
    name: str, info: FieldInfo, request: HttpRequest, actor: Actor, project_id: int, tz: ZoneInfo, at: datetime
) -> Any:
    kind = kind_of(info)
    if kind == "photos":
        return _photos(name, request, actor, project_id, at)
    if kind == "signature":
        return _signature(name, request, actor, project_id, at)
    if kind == "lines":
        return list(_lines(name, request.POST))
    if name not in request.POST:
        # An unticked box is not sent.
        return False if kind == "bool" and info.is_required() else None
    return _from_text(request.POST.get(name, "").strip(), kind, tz)


def _from_text(text: str, kind: str, tz: ZoneInfo) -> Any:
    if kind == "bool":
        return text in ("on", "true", "1", "yes") if text else None
    if kind == "datetime":
        return local_instant(text, tz) if text else None
    return text if text or kind in ("text", "textarea") else None


def local_instant(text: str, tz: ZoneInfo) -> Any:
    """A browser's local date and time in the project's zone; anything else goes on to the type's own error."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return found if found.tzinfo else found.replace(tzinfo=tz)


def _lines(name: str, post: QueryDict) -> Iterator[dict[str, str]]:
    """Rows named NAME-0-COLUMN, NAME-1-COLUMN …; rows left empty, or with the one that is offered, do not count."""
    rows: dict[int, dict[str, str]] = {}
    pattern = re.compile(rf"{re.escape(name)}-(\d{{1,3}})-(\w+)\Z")
    for key in post:
        match = pattern.match(key)
        if match:
            rows.setdefault(int(match[1]), {})[match[2]] = post.get(key, "").strip()
    for _n, row in sorted(rows.items()):
        if {column: value for column, value in row.items() if value} not in ({}, OFFERED):
            yield row


def _photos(name: str, request: HttpRequest, actor: Actor, project_id: int, at: datetime) -> list[int]:
    kept = [int(v) for v in request.POST.getlist(name) if v.isdecimal() and len(v) < 16]
    base = request.POST.get("client_uuid", "")
    for n, upload in enumerate(request.FILES.getlist(name)):
        if upload.size is None or upload.size > MAX_BYTES:
            raise InvalidError({name: _("The file is larger than 15 MB.")})
        kept.append(_store(f"{base}:{name}:{n}", upload.name or "", upload.read(), actor, project_id, at, name))
    return kept


def keep_papers(
    name: str, files: "Sequence[UploadedFile[Any]]", base: str, actor: Actor, project_id: int, at: datetime
) -> list[int]:
    """Pictures and PDFs that came with a form; another file in a second try is another file. Raises InvalidError."""
    found: list[int] = []
    for upload in files:
        content = upload.read(MAX_BYTES + 1)
        once = uuid.uuid5(PHOTO_SPACE, f"{base}:{name}:{hashlib.sha256(content).hexdigest()}")
        found.append(_kept(store_paper, content, upload.name or "", actor, project_id, at, name, once))
    return found


def _signature(name: str, request: HttpRequest, actor: Actor, project_id: int, at: datetime) -> int | None:
    value = request.POST.get(name, "")
    if not value:
        return None
    if value.isdecimal() and len(value) < 16:
        return int(value)
    try:
        content = base64.b64decode(value.partition("base64,")[2], validate=True)
    except (ValueError, binascii.Error) as error:
        raise InvalidError({name: _("The signature could not be read.")}) from error
    base = request.POST.get("client_uuid", "")
    return _store(f"{base}:{name}", "signature.png", content, actor, project_id, at, name)


def _store(seed: str, filename: str, content: bytes, actor: Actor, project_id: int, at: datetime, name: str) -> int:
    once = uuid.uuid5(PHOTO_SPACE, seed)
    return _kept(store_picture, content, filename, actor, project_id, at, name, once)


def _kept(
    store: Any, content: bytes, filename: str, actor: Actor, project_id: int, at: datetime, name: str, once: uuid.UUID
) -> int:
    try:
        stored = store(project_id=project_id, actor=actor, name=filename, content=content, client_uuid=once, at=at)
    except InvalidError as error:
        raise InvalidError({name: error.message}) from error
    return int(stored.pk)


def client_uuid(request: HttpRequest) -> uuid.UUID:
    """The form's own identifier: a double click is one request. Raises InvalidError."""
    try:
        return uuid.UUID(request.POST.get("client_uuid", ""))
    except ValueError as error:
        raise InvalidError({"client_uuid": _("Enter a UUID.")}) from error
