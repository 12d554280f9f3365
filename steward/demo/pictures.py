"""Small pictures drawn on the spot, so that no photo of anybody's home is kept in the repository."""

import io
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

SIZE: Final = (640, 480)
STORED: Final = (400, 300)
Draw = ImageDraw.ImageDraw


@cache
def picture(subject: str, variant: int = 0) -> bytes:
    """A JPEG of ``subject``: leak, pipe, lamp, door, drain, wall, panel, done or signature."""
    rng = Random(f"{subject}:{variant}")  # noqa: S311  pictures, not secrets
    image = Image.new("RGB", SIZE, "#ffffff" if subject == "signature" else rng.choice(WALLS))
    draw = ImageDraw.Draw(image)
    SUBJECTS.get(subject, _panel)(draw, rng)
    if subject != "signature":
        image = image.filter(ImageFilter.GaussianBlur(0.8))
    out = io.BytesIO()
    image.resize(STORED).save(out, "JPEG", quality=82)
    return out.getvalue()


WALLS: Final = ("#e9e4da", "#dfe5e8", "#ece8e1", "#d9ddd6", "#e6dfd3")


def _leak(draw: Draw, rng: Random) -> None:
    draw.polygon([(0, 0), (640, 0), (560, 150), (70, 150)], fill="#f4f1ea")
    x, y = rng.randint(200, 400), rng.randint(60, 100)
    for radius, colour in ((95, "#e3d6b8"), (70, "#d8c59c"), (42, "#c9b184")):
        draw.ellipse((x - radius * 1.6, y - radius // 2, x + radius * 1.6, y + radius // 2), fill=colour)
    for n in range(5):
        top = y + 30 + n * rng.randint(45, 70)
        draw.ellipse((x - 7, top, x + 7, top + 20), fill="#8fb3c9")
    draw.rectangle((x - 90, 410, x + 90, 470), fill="#4e7ea3")
    draw.ellipse((x - 90, 395, x + 90, 428), fill="#a9cbe0")


def _pipe(draw: Draw, rng: Random) -> None:
    for n in range(4):
        y = 90 + n * 85
        draw.rectangle((0, y, 640, y + 30), fill="#b8763f")
        draw.rectangle((0, y + 5, 640, y + 10), fill="#dba571")
        x = rng.randint(160, 460)
        draw.rectangle((x, y - 10, x + 60, y + 40), fill="#8c8f94")
        draw.rectangle((x + 22, y - 40, x + 38, y - 8), fill="#c0392b")
    draw.ellipse((300, 250, 330, 290), fill="#8fb3c9")


def _lamp(draw: Draw, rng: Random) -> None:
    x = rng.randint(220, 420)
    draw.rectangle((x - 3, 0, x + 3, 120), fill="#55585c")
    draw.ellipse((x - 80, 110, x + 80, 210), fill="#d4c998")
    draw.ellipse((x - 55, 125, x + 55, 195), fill="#8b8772")
    draw.rectangle((0, 380, 640, 480), fill="#9a958b")


def _door(draw: Draw, rng: Random) -> None:
    draw.rectangle((180, 40, 460, 480), fill=rng.choice(("#6b4a34", "#54473f", "#7a5a3d")))
    draw.rectangle((205, 70, 435, 250), outline="#3c2c20", width=5)
    draw.rectangle((205, 280, 435, 450), outline="#3c2c20", width=5)
    draw.rectangle((405, 245, 440, 320), fill="#b9bcc0")
    draw.ellipse((413, 262, 432, 281), fill="#5c6065")


def _drain(draw: Draw, rng: Random) -> None:
    for x in range(0, 640, 80):
        for y in range(0, 480, 80):
            draw.rectangle((x, y, x + 77, y + 77), fill=rng.choice(("#c9cfd2", "#cfd4d6", "#c3cacd")))
    draw.ellipse((190, 130, 450, 350), fill="#a7b9b1")
    draw.rectangle((270, 190, 370, 290), fill="#7d8185")
    for n in range(5):
        draw.line((280 + n * 20, 200, 280 + n * 20, 280), fill="#3f4346", width=7)


def _wall(draw: Draw, rng: Random) -> None:
    points = [(rng.randint(60, 140), 60)]
    for _ in range(9):
        points.append((points[-1][0] + rng.randint(20, 60), points[-1][1] + rng.randint(10, 50)))
    draw.line(points, fill="#8a8377", width=5)
    for x, y in points[2:]:
        draw.ellipse((x - 40, y - 18, x + 45, y + 30), fill="#d3c9b3")
    draw.line(points, fill="#7c7569", width=3)


def _panel(draw: Draw, rng: Random) -> None:
    draw.rectangle((160, 80, 480, 400), fill="#f3f4f5", outline="#9ba1a6", width=6)
    for n in range(6):
        x = 190 + n * 46
        draw.rectangle((x, 150, x + 36, 260), fill="#2f3438")
        top = rng.choice((160, 210))
        draw.rectangle((x + 10, top, x + 26, top + 40), fill="#d9dee2")


def _done(draw: Draw, rng: Random) -> None:
    draw.rectangle((0, 330, 640, 480), fill="#cdc6ba")
    draw.rectangle((120, 150, 520, 180), fill="#b8763f")
    draw.rectangle((280, 135, 360, 195), fill=rng.choice(("#b5bcc2", "#c7a24c")))
    draw.rectangle((312, 95, 328, 138), fill="#c0392b")
    draw.line([(470, 70), (500, 105), (565, 30)], fill="#2e8b57", width=16)


def _signature(draw: Draw, rng: Random) -> None:
    for start in (110, 260, 410):
        points = [(start, 240)]
        for _ in range(7):
            points.append((points[-1][0] + rng.randint(-25, 45), 240 + rng.randint(-90, 90)))
        draw.line(points, fill="#1b2a49", width=6, joint="curve")


SUBJECTS: Final[dict[str, Callable[[Draw, Random], None]]] = {
    "leak": _leak,
    "pipe": _pipe,
    "lamp": _lamp,
    "door": _door,
    "drain": _drain,
    "wall": _wall,
    "panel": _panel,
    "done": _done,
    "signature": _signature,
}
