"""Uploads: checked by content, pictures decoded and encoded anew (no scripts, no hidden location); papers as PDF too."""

import hashlib
import io
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from steward.kernel.actor import Actor
from steward.kernel.db import write
from steward.kernel.errors import InvalidError
from steward.kernel.models import Attachment, ProjectRow

MAX_BYTES: Final = 15 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
MAX_EDGE: Final = 2048
ALLOWED: Final = {"JPEG", "PNG", "WEBP"}
PDF: Final = "application/pdf"
PDF_MARK: Final = b"%PDF-"
#: Where the end of a PDF stands.
TRAILER: Final = 2048
#: What a file is called whose content is gone.
ERASED: Final = "erased"
#: What a PDF that only shows pages does not have.
LOUD: Final = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/Encrypt")

#: (project, uploader) to the uploads that are named.
Named = Callable[[int, str], set[int]]
NAMED: Final[list[Named]] = []


def store_picture(
    *, project_id: int, actor: Actor, name: str, content: bytes, client_uuid: uuid.UUID, at: datetime
) -> Attachment:
    """Keep a picture. The same upload again returns the first. Raises InvalidError on anything else."""
    known = Attachment.objects.in_project(project_id).filter(uploaded_by=actor.key, client_uuid=client_uuid).first()
    if known is not None:
        return known
    encoded = reencode(content)
    return _store(project_id, actor, name or "photo.jpg", encoded, "image/jpeg", client_uuid, at)


def store_paper(
    *, project_id: int, actor: Actor, name: str, content: bytes, client_uuid: uuid.UUID, at: datetime
) -> Attachment:
    """Keep a picture, or a PDF as it is. The same upload again returns the first. Raises InvalidError."""
    if not content.startswith(PDF_MARK):
        return store_picture(
            project_id=project_id, actor=actor, name=name, content=content, client_uuid=client_uuid, at=at
        )
    known = Attachment.objects.in_project(project_id).filter(uploaded_by=actor.key, client_uuid=client_uuid).first()
    if known is not None:
        return known
    ensure_quiet(content)
    return _store(project_id, actor, name or "paper.pdf", content, PDF, client_uuid, at)


def ensure_quiet(content: bytes) -> None:
    """A whole PDF without scripts, commands or files inside. What is packed away in streams is not looked into: PDFs
    are handed out to be kept, never shown by the browser in our name. Raises InvalidError."""
    if len(content) > MAX_BYTES:
        raise InvalidError({"file": _("The file is larger than 15 MB.")})
    if b"%%EOF" not in content[-TRAILER:] or any(mark in content for mark in LOUD):
        raise InvalidError({"file": _("This PDF is damaged, or contains scripts or files: print it to a new one.")})


def _store(
    project_id: int, actor: Actor, name: str, content: bytes, content_type: str, client_uuid: uuid.UUID, at: datetime
) -> Attachment:
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(project_id, digest, content_type)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{uuid.uuid4().hex}.part")
        partial.write_bytes(content)
        partial.replace(path)
    row = Attachment(
        project_id=project_id,
        sha256=digest,
        name=Path(name.replace("\x00", "")).name[:200] or "file",
        content_type=content_type,
        size=len(content),
        uploaded_by=actor.key,
        uploaded_at=at,
        client_uuid=client_uuid,
    )
    with write():
        # The same upload twice at once: the first one stands.
        Attachment.objects.bulk_create([row], ignore_conflicts=True)
    return Attachment.objects.in_project(project_id).get(uploaded_by=actor.key, client_uuid=client_uuid)


def reencode(content: bytes) -> bytes:
    """Decode and encode as JPEG, upright, at most 2048 px. Raises InvalidError."""
    if len(content) > MAX_BYTES:
        raise InvalidError({"file": _("The file is larger than 15 MB.")})
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.format not in ALLOWED or image.width * image.height > MAX_PIXELS:
                raise InvalidError({"file": _("Only JPEG, PNG and WebP pictures can be stored.")})
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidError({"file": _("Only JPEG, PNG and WebP pictures can be stored.")}) from error
    upright.thumbnail((MAX_EDGE, MAX_EDGE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=85)
    return out.getvalue()


def erase_content(row: Attachment, *, needed: Q) -> bool:
    """The content goes for good, row and digest stay; the names say nothing more, also those of its other uploads that
    nobody needs. False where an upload of just this content is still ``needed``: then the content stays. Again:
    nothing more happens. Raises OSError where the file cannot be removed."""
    same = Attachment.objects.in_project(row.project_id).filter(sha256=row.sha256, content_type=row.content_type)
    kept = set(same.filter(needed).values_list("pk", flat=True))
    same.exclude(pk__in=kept).update(name=ERASED)
    if kept:
        return False
    path_of(row.project_id, row.sha256, row.content_type).unlink(missing_ok=True)
    return True


def names_uploads(told: Named) -> Named:
    """Registers who names uploads in its data, where no table points at them."""
    NAMED.append(told)
    return told


def hangs(row: Attachment, *, apart: type[ProjectRow]) -> Q:
    """Uploads that any table points at, whoever owns it, or that stand in what the same uploader sent; ``apart`` is
    the asking table."""
    project_id = row.project_id
    found = Q(pk__in={pk for told in NAMED for pk in told(project_id, row.uploaded_by)})
    for relation in Attachment._meta.get_fields(include_hidden=True):  # noqa: SLF001
        if isinstance(relation, ForeignObjectRel) and relation.related_model is not apart:
            rows: Any = relation.related_model
            found |= Q(Exists(rows.objects.in_project(project_id).filter(**{relation.field.attname: OuterRef("pk")})))
    return found


def path_of(project_id: int, digest: str, content_type: str = "image/jpeg") -> Path:
    suffix = "pdf" if content_type == PDF else "jpg"
    return Path(settings.MEDIA_ROOT) / str(project_id) / digest[:2] / f"{digest}.{suffix}"
