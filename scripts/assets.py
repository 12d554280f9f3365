"""Copies the files we serve out of node_modules into static/vendor (never committed)."""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FROM = ROOT / "node_modules"
TO = ROOT / "static" / "vendor"
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@tabler/icons/LICENSE": "tabler/LICENSE-icons",
    "weui/dist/style/weui.min.css": "weui/weui.min.css",
    "weui/LICENSE.txt": "weui/LICENSE",
    "signature_pad/dist/signature_pad.umd.min.js": "signature_pad/signature_pad.umd.min.js",
    "signature_pad/LICENSE": "signature_pad/LICENSE",
    "idb/build/umd.js": "idb/idb.umd.js",
    "idb/LICENSE": "idb/LICENSE",
}
#: A map that is not served breaks the manifest of production and logs a 404 in every browser.
_MAP = re.compile(r"(?:/\*[#@]\s*sourceMappingURL=.*?\*/|//[#@]\s*sourceMappingURL=.*)")


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix in {".css", ".js"}:
        target.write_text(_MAP.sub("", source.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def main() -> int:
    missing = [name for name in FILES if not (FROM / name).is_file()]
    if missing:
        sys.stderr.write(f"not in node_modules: {', '.join(missing)}\n")
        return 1
    shutil.rmtree(TO, ignore_errors=True)
    for source, target in FILES.items():
        copy(FROM / source, TO / target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
