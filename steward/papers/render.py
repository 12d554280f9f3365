"""From a template to a PDF. Nothing is fetched while printing: what a paper shows is in it already."""

import logging
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import get_language

from steward.papers import health
from steward.papers.formats import Format

# Eight lines for every sheet are nobody's news.
logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)

PX_PER_MM: Final = 96 / 25.4
#: Longer than any slip; then cut where it ends.
ROLL_MM: Final = 5000
#: Shorter than this a printer's cutter would jam.
LEAST_MM: Final = 60
TAIL_MM: Final = 6


def pdf(template: str, context: dict[str, Any], sheet: Format) -> bytes:
    """Raises NoPrintingError on a machine without Pango or a Chinese font."""
    health.demand()
    if sheet is not Format.SLIP:
        return _document(template, context, sheet, 0).write_pdf()  # type: ignore[no-any-return]
    rolled = _document(template, context, sheet, ROLL_MM)
    return _document(template, context, sheet, _length(rolled)).write_pdf()  # type: ignore[no-any-return]


def html(template: str, context: dict[str, Any], sheet: Format, length: float) -> str:
    """``length``: of a slip, in mm."""
    return render_to_string(
        template, {**context, "sheet": sheet, "length": length, "language": get_language() or "zh-hans"}
    )


def _document(template: str, context: dict[str, Any], sheet: Format, length: float) -> Any:
    from weasyprint import HTML  # noqa: PLC0415  half a second, and only whoever prints needs it
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    # A text typed by a customer must not make the server fetch anything.
    nothing = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    return HTML(string=html(template, context, sheet, length), url_fetcher=nothing).render()


def _length(rolled: Any) -> float:
    """Where the text of a slip ends, in mm."""
    page = rolled.pages[0]._page_box  # noqa: SLF001  the only place that knows
    body = page.children[0].children[0]
    return float(max(LEAST_MM, (body.position_y + body.margin_height()) / PX_PER_MM + TAIL_MM))
