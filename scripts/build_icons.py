"""Write the icon sheet: one CSS mask for each name in scripts/icons.txt.

Reads the outline (and, for names ending in `-f`, filled) SVGs of @tabler/icons in node_modules,
writes static/vendor/icons.css. Unknown names are all reported, then the build fails.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
KEEP = " !#$&'()*+,-./:;=?@[]^_`{|}~"
BASE = (
    ".i{display:inline-block;flex:none;width:16px;height:16px;background:currentColor;"
    "-webkit-mask:var(--i) center/contain no-repeat;mask:var(--i) center/contain no-repeat;vertical-align:-3px}\n"
)


def names(listing: Path) -> list[str]:
    words = (line.split("#")[0].strip() for line in listing.read_text(encoding="utf-8").splitlines())
    return sorted({word for word in words if word})


def source(icons: Path, name: str) -> Path:
    if name.endswith("-f"):
        return icons / "filled" / f"{name[:-2]}.svg"
    return icons / "outline" / f"{name}.svg"


def data_uri(svg: str) -> str:
    """The drawing without its comment, classes and fixed size; a mask needs only its alpha."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\s(class|width|height)="[^"]*"(?=[^>]*viewBox)|\sclass="[^"]*"', "", svg, count=3)
    svg = re.sub(r"\s+", " ", svg).replace("> <", "><").replace('"', "'").strip()
    return "data:image/svg+xml," + quote(svg.replace("currentColor", "#000"), safe=KEEP.replace("#", ""))


def sheet(icons: Path, wanted: list[str]) -> str:
    missing = [name for name in wanted if not source(icons, name).is_file()]
    if missing:
        sys.exit(f"no such icon in {icons}: {', '.join(missing)}")
    rules = (f'.i-{n}{{--i:url("{data_uri(source(icons, n).read_text(encoding="utf-8"))}")}}\n' for n in wanted)
    return BASE + "".join(rules)


def build() -> int:
    wanted = names(ROOT / "scripts/icons.txt")
    out = ROOT / "static/vendor/icons.css"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(sheet(ROOT / "node_modules/@tabler/icons/icons", wanted), encoding="utf-8")
    return len(wanted)


if __name__ == "__main__":
    print(f"{build()} icons")
