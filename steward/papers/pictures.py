"""Pictures inside a paper: QR codes, and photos made small."""

import base64
import io
from typing import Final

import segno
from PIL import Image, ImageOps

from steward.kernel.files import path_of
from steward.kernel.models import Attachment

#: 40 mm at 200 dots an inch.
EDGE: Final = 320


def qr(text: str) -> str:
    """A data address of an SVG; error level M: folded and stained sheets are still read."""
    return segno.make(text, error="m", micro=False).svg_data_uri(border=0, scale=4)


def small(attachment: Attachment) -> str:
    """A data address of the photo at print size; empty where the file is gone."""
    try:
        with Image.open(path_of(attachment.project_id, attachment.sha256)) as image:
            image.draft("RGB", (EDGE, EDGE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((EDGE, EDGE))
    except OSError:
        return ""
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=75)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
