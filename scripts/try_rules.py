"""Take each rule out of a copy of the tree and see its test fail. Slow: for whoever changes a rule.

python scripts/try_rules.py [R12 R13 …]     try all rules, or some
python scripts/try_rules.py --write         write docs/rules.md from tests/rules/rules.toml
python scripts/try_rules.py --check         fail if docs/rules.md is stale or a rule's text is gone
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "tests" / "rules" / "rules.toml"
DOC = ROOT / "docs" / "rules.md"
HEAD = """# The rules of a repair

What must hold, whatever the client sends. Each rule names the test that fails when the rule is taken out of the
code; `scripts/try_rules.py` takes out each one and watches its test fail. A refusal names its rule (409 and 403 in
the API). Written from `tests/rules/rules.toml`: change it there.

| rule | what holds | name in refusals | stands in | test |
|---|---|---|---|---|
"""


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(RULES.read_text())["rule"]
    return found


def document() -> str:
    rows = []
    for r in rules():
        test = r["test"].removeprefix("tests/")
        name = f"`{r['name']}`" if "name" in r else ""
        rows.append(f"| {r['id']} | {r['text']} | {name} | `{r['file']}` | `{test}` |\n")
    return HEAD + "".join(rows)


def edits(rule: dict[str, Any]) -> list[tuple[str, str, str]]:
    first = (rule["file"], rule["find"], rule["replace"])
    second = rule.get("second")
    return [first, (second["file"], second["find"], second["replace"])] if second else [first]


def lost() -> list[str]:
    """Rules whose text no longer stands where the table says."""
    return [
        f"{r['id']}: not found in {file}: {find!r}"
        for r in rules()
        for file, find, _replace in edits(r)
        if find not in (ROOT / file).read_text()
    ]


def survives(rule: dict[str, Any], tree: Path) -> bool:
    """True if the test still passes without the rule: the test is no proof."""
    kept: dict[Path, str] = {}
    for file, find, replace in edits(rule):
        path = tree / file
        kept.setdefault(path, path.read_text())
        path.write_text(path.read_text().replace(find, replace))
    try:
        return run(tree, rule["test"]) == 0
    finally:
        for path, text in kept.items():
            path.write_text(text)


def run(tree: Path, test: str) -> int:
    command = [str(ROOT / ".venv" / "bin" / "python"), "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{test} could not run:\n{done.stdout.decode()[-2000:]}")
    return done.returncode


def try_all(wanted: set[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(
            ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules", "var", "__pycache__")
        )
        (tree / ".venv").symlink_to(ROOT / ".venv")
        failed = 0
        for rule in rules():
            if wanted and rule["id"] not in wanted:
                continue
            alive = survives(rule, tree)
            failed += alive
            print(f"{rule['id']:4} {'SURVIVED' if alive else 'caught'}  {rule['text'][:90]}", flush=True)
        return failed


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
    return 0 if "--check" in arguments else min(try_all(set(arguments)), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
