"""Can papers be printed here? Asked once at the start: a PDF without a Chinese font is a page of boxes."""

import ctypes
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _

from steward.kernel.errors import RefusalError

LIBRARIES: Final = (
    ("libpango-1.0.so.0", "libpango-1.0.dylib", "pango-1.0-0"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "pangoft2-1.0-0"),
)
FONTCONFIG: Final = ("libfontconfig.so.1", "libfontconfig.1.dylib", "fontconfig-1")
INSTALL: Final = "apt install libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-cjk"


class NoPrintingError(RefusalError):
    """The machine lacks what PDF needs; the words say what to install."""


class _FontSet(ctypes.Structure):
    _fields_ = (("nfont", ctypes.c_int), ("sfont", ctypes.c_int), ("fonts", ctypes.c_void_p))


def problems() -> list[str]:
    """What keeps this machine from printing, in the operator's words; empty if nothing does."""
    if not all(_library(names) for names in LIBRARIES):
        return [_("Papers cannot be printed: Pango is missing. Install it: %(command)s") % {"command": INSTALL}]
    if not has_chinese_font():
        return [
            _("Papers cannot be printed: no Chinese font is installed. Install one: %(command)s") % {"command": INSTALL}
        ]
    return []


def demand() -> None:
    """Raises NoPrintingError."""
    found = problems()
    if found:
        raise NoPrintingError(found[0], rule="papers.no_broken_pdf")


@lru_cache(maxsize=1)
def has_chinese_font() -> bool:
    """Asks fontconfig, as the printing library does; looked up once in a process."""
    found = _library(FONTCONFIG)
    if found is None:
        return False
    found.FcNameParse.restype = found.FcObjectSetCreate.restype = ctypes.c_void_p
    found.FcFontList.restype = ctypes.POINTER(_FontSet)
    pattern = ctypes.c_void_p(found.FcNameParse(b":lang=zh-cn"))
    wanted = ctypes.c_void_p(found.FcObjectSetCreate())
    found.FcObjectSetAdd(wanted, b"family")
    fonts = found.FcFontList(None, pattern, wanted)
    return bool(fonts) and bool(fonts.contents.nfont)


def _library(names: tuple[str, ...]) -> ctypes.CDLL | None:
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None
