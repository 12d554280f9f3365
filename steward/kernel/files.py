"""Uploads: checked by content, pictures decoded and encoded anew (no scripts, no hidden location)."""

import hashlib
import io
import uuid
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from steward.kernel.actor import Actor
from steward.kernel.db import write
from steward.kernel.errors import InvalidError
from steward.kernel.models import Attachment

MAX_BYTES: Final = 15 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
MAX_EDGE: Final = 2048
ALLOWED: Final = {"JPEG", "PNG", "WEBP"}


def store_picture(
    *, project_id: int, actor: Actor, name: str, content: bytes, client_uuid: uuid.UUID, at: datetime
) -> Attachment:
    """Keep a picture. The same upload again returns the first. Raises InvalidError on anything else."""
    known = Attachment.objects.in_project(project_id).filter(uploaded_by=actor.key, client_uuid=client_uuid).first()
    if known is not None:
        return known
    encoded = reencode(content)
    digest = hashlib.sha256(encoded).hexdigest()
    path = path_of(project_id, digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{uuid.uuid4().hex}.part")
        partial.write_bytes(encoded)
        partial.replace(path)
    row = Attachment(
        project_id=project_id,
        sha256=digest,
        name=Path(name.replace("\x00", "")).name[:200] or "photo.jpg",
        content_type="image/jpeg",
        size=len(encoded),
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


def path_of(project_id: int, digest: str) -> Path:
    return Path(settings.MEDIA_ROOT) / str(project_id) / digest[:2] / f"{digest}.jpg"
