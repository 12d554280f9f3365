"""Take each rule out of a copy of the tree and see its test fail. Slow: for whoever changes a rule.

python scripts/try_rules.py [R12 DSK9 …]    try all rules, or some: ids, or the capability before the last dash
python scripts/try_rules.py --write         write docs/rules.md from tests/rules/rules.toml
python scripts/try_rules.py --check         fail if docs/rules.md is stale or a rule's text is gone
"""

import os
import shutil
import signal
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, suppress
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "tests" / "rules" / "rules.toml"
DOC = ROOT / "docs" / "rules.md"
HEAD = """# The rules

What must hold, whatever the client sends: page, API, import and replay go through the same verbs. Each rule names
the test that fails when the rule is taken out of the code; `scripts/try_rules.py` takes out each one and watches its
test fail. A refusal names its rule (409 and 403 in the API). Written from `tests/rules/rules.toml`: change it there.
"""
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "var", "__pycache__")
#: What only slows the start down; no rule is tested by them.
PLUGINS = [f"-pno:{name}" for name in ("cacheprovider", "schemathesis", "faker", "xdist")]
PLUGINS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
#: Not imported ahead: what a rule may be taken out of, and what has its state from Django's settings.
OURS = ("steward", "tests", "config", "conftest", "__main__", "django", "pytest_django")
PASSED, FAILED = 0, 1
#: Each edited state of the copy has an own time of change: Python tells compiled modules by it, in whole seconds.
TICKS = count(1)


def table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(RULES.read_text())


def rules() -> list[dict[str, Any]]:
    return table()["rule"]


def part(rule: dict[str, Any]) -> str:
    """DSK9-14 belongs to DSK9; the oldest rules have plain numbers and say where they belong."""
    of: str = rule.get("of") or rule["id"].rpartition("-")[0]
    return of


def order(rule: dict[str, Any]) -> tuple[bool, str, int]:
    """The oldest first, then by number: DSK1-9, DSK1-10, DSK1-N1."""
    last = rule["id"].removeprefix("R").rpartition("-")[2]
    letters = last.rstrip("0123456789")
    return "-" in rule["id"], letters, int(last.removeprefix(letters) or 0)


def document() -> str:
    found = table()
    chapters = [chapter(p, sorted((r for r in found["rule"] if part(r) == p["id"]), key=order)) for p in found["part"]]
    contents = "".join(f"* [{p['title']}](#{anchor(p['title'])})\n" for p in found["part"])
    return "\n".join([HEAD, contents, *chapters])


def anchor(title: str) -> str:
    kept = "".join(c for c in title.lower() if c.isalnum() or c in " -")
    return kept.replace(" ", "-")


def chapter(section: dict[str, Any], its: list[dict[str, Any]]) -> str:
    head = f"## {section['title']}\n\n{section['intro']}\n\n| rule | what holds | test that fails without it |\n|---|---|---|\n"
    return head + "".join(map(row, its))


def row(r: dict[str, Any]) -> str:
    name = f" `{r['name']}`" if "name" in r else ""
    where = r["file"].removeprefix("steward/")
    path, _, test = r["test"].removeprefix("tests/").partition("::")
    proof = f"[{test.rpartition('::')[2] or path}](../tests/{path})"
    return f"| {r['id']} | {r['text']}{name} ([{where}](../{r['file']})) | {proof} |\n"


def edits(rule: dict[str, Any]) -> list[tuple[str, str, str]]:
    first = (rule["file"], rule["find"], rule["replace"])
    second = rule.get("second")
    return [first, (second["file"], second["find"], second["replace"])] if second else [first]


def lost() -> list[str]:
    """Rules whose text no longer stands where the table says, or that no chapter holds."""
    known = {p["id"] for p in table()["part"]}
    ids = [r["id"] for r in rules()]
    return [
        *(
            f"{r['id']}: not found in {file}: {find!r}"
            for r in rules()
            for file, find, _replace in edits(r)
            if find not in (ROOT / file).read_text()
        ),
        *(f"{r['id']}: no part {part(r)!r}" for r in rules() if part(r) not in known),
        *(f"{twice}: twice" for twice in sorted({i for i in ids if ids.count(i) > 1})),
    ]


@contextmanager
def without(rule: dict[str, Any], tree: Path) -> Iterator[None]:
    kept: dict[Path, tuple[str, os.stat_result]] = {}
    for file, find, replace in edits(rule):
        path = tree / file
        before = kept.setdefault(path, (path.read_text(), path.stat()))[1]
        path.write_text(path.read_text().replace(find, replace))
        changed = before.st_mtime + next(TICKS)
        os.utime(path, (changed, changed))
    try:
        yield
    finally:
        for path, (text, stat) in kept.items():
            path.write_text(text)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def run(tree: Path, *tests: str) -> tuple[int, str]:
    """How pytest ended, and the first complaint it had. In a fork: what is not ours is imported once for all."""
    out = tree.parent / "out"
    child = os.fork()
    if child == 0:
        _pytest_here(tree, out, tests)
    _pid, status = os.waitpid(child, 0)
    text = out.read_text()
    said = [line[1:].strip() for line in text.splitlines() if line.startswith("E  ")]
    return os.waitstatus_to_exitcode(status), said[0] if said else text[-300:]


def _pytest_here(tree: Path, out: Path, tests: Sequence[str]) -> NoReturn:
    """A mutilated program may hang: after ten minutes and more the child is killed, which counts as broken."""
    code = 4
    try:
        with out.open("w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        signal.alarm(600 + 10 * len(tests))
        os.chdir(tree)
        sys.path.insert(0, str(tree))
        sys.dont_write_bytecode = False
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        code = int(pytest.main(["-q", "-x", "--tb=short", *PLUGINS, *tests]))
        sys.stdout.flush()
        (tree.parent / "modules").write_text("\n".join(sorted(sys.modules)))
    finally:
        os._exit(code)


def preload(tree: Path) -> None:
    """What the tests import from others, except what wants Django's settings first."""
    names = (tree.parent / "modules").read_text().splitlines()
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        for name in names:
            if not name.startswith(OURS):
                with suppress(BaseException):
                    import_module(name)


def verdict(rule: dict[str, Any], tree: Path) -> tuple[str, str]:
    with without(rule, tree):
        code, said = run(tree, rule["test"])
    # A test that cannot even be collected proves nothing: the edit broke the code instead of taking a rule out.
    return {PASSED: "survived", FAILED: "caught"}.get(code, "broken"), said


@contextmanager
def copied() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        (tree / ".venv").symlink_to(ROOT / ".venv")
        yield tree


def wanted(asked: set[str]) -> list[dict[str, Any]]:
    return [r for r in rules() if not asked or {r["id"], part(r)} & asked]


def try_all(chosen: list[dict[str, Any]]) -> int:
    ended: dict[str, list[str]] = {"caught": [], "survived": [], "broken": []}
    with copied() as tree:
        code, said = run(tree, *sorted({r["test"] for r in chosen}))
        if code != PASSED:
            print(f"The tests fail even with all rules in place: {said}")
            return 1
        preload(tree)
        for rule in chosen:
            how, said = verdict(rule, tree)
            ended[how].append(rule["id"])
            print(
                f"{rule['id']:8} {how:8}  {rule['text'][:70]}  <- {said[:110] if how != 'survived' else ''}", flush=True
            )
    tally = ", ".join(f"{len(ids)} {how}" for how, ids in ended.items())
    print(f"{len(chosen)} tried: {tally}", *ended["survived"], *ended["broken"])
    return min(len(ended["survived"] + ended["broken"]), 1)


def main(arguments: list[str]) -> int:
    if "--write" in arguments:
        DOC.write_text(document())
        return 0
    problems = lost()
    if "--check" in arguments and (not DOC.is_file() or DOC.read_text() != document()):
        problems.append("docs/rules.md is stale: python scripts/try_rules.py --write")
    if problems:
        print("\n".join(problems))
        return 1
    return 0 if "--check" in arguments else try_all(wanted(set(arguments)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
