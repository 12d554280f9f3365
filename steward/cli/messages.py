"""Catalogues: Babel extracts from Python and Jinja, package by package, and the check finds what is missing."""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent.parent
LOCALE = "zh_Hans"
SOURCES = ("steward", "config")
#: function → positions of its context (or None), text and plural (or None) among the arguments
FUNCTIONS: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
#: The same, as Babel wants it for templates.
KEYWORDS = ("_", "gettext", "ngettext:1,2", "pgettext:1c,2", "npgettext:1c,2,3")
JINJA_OPTIONS = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do"}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|(?<!\{)\{(\w+)\}(?!\})|(%[sd])")

#: (context, msgid)
Key = tuple[str, str]


@dataclass(frozen=True)
class Text:
    """One string of the source: where it stands, its plural form and the placeholders a translation must keep."""

    key: Key
    plural: str
    where: str
    line: int

    @property
    def placeholders(self) -> set[str]:
        return placeholders(self.plural or self.key[1])


def placeholders(text: str) -> set[str]:
    return {"".join(found) for found in _PLACEHOLDER.findall(text)}


def owners(root: Path) -> list[Path]:
    """Folders with a catalogue of their own, deepest first: every Django app, every folder that has ``locale``."""
    apps = {path.parent for path in root.glob("steward/**/apps.py")}
    kept = {path.parent for path in root.glob("steward/**/locale") if path.is_dir()}
    return sorted(apps | kept | {root / "steward"}, key=lambda path: (-len(path.parts), path))


def owner_of(path: Path, root: Path, among: list[Path] | None = None) -> Path:
    return next((owner for owner in among or owners(root) if path.is_relative_to(owner)), root / "steward")


def catalogue(owner: Path) -> Path:
    return owner / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def catalogues(root: Path) -> list[Path]:
    return sorted(root.glob(f"steward/**/locale/{LOCALE}/LC_MESSAGES/django.po"))


def source_files(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        for path in sorted((root / source).rglob("*")):
            if path.suffix in {".py", ".jinja"} and "migrations" not in path.parts:
                yield path


def extract(path: Path, root: Path) -> list[Text]:
    where = path.relative_to(root).as_posix()
    found = _from_jinja(path) if path.suffix == ".jinja" else _from_python(path)
    return [Text((context, text), plural, where, line) for context, text, plural, line in found]


def _from_jinja(path: Path) -> Iterator[tuple[str, str, str, int]]:
    from babel.messages.extract import extract_from_file
    from babel.messages.frontend import parse_keywords

    found = extract_from_file(
        "jinja2.ext:babel_extract", path, keywords=parse_keywords(KEYWORDS), options=JINJA_OPTIONS
    )
    for line, message, _comments, context in found:
        forms = (message,) if isinstance(message, str) else message
        yield context or "", forms[0], forms[1] if len(forms) > 1 else "", line


def _from_python(path: Path) -> Iterator[tuple[str, str, str, int]]:
    """By syntax tree: Babel reads tokens and silently misses calls inside f-strings on Python 3.11."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in FUNCTIONS and (texts := [_constant(node, at) for at in FUNCTIONS[name]])[1]:
            yield texts[0], texts[1], texts[2], node.lineno


def _constant(call: ast.Call, at: int | None) -> str:
    """The text of one argument; what is computed cannot be extracted and counts as none."""
    value = call.args[at] if at is not None and at < len(call.args) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def extract_all(root: Path) -> dict[Path, list[Text]]:
    found: dict[Path, list[Text]] = {}
    among = owners(root)  # walking the tree for each file takes longer than all the rest
    for path in source_files(root):
        found.setdefault(owner_of(path, root, among), []).extend(extract(path, root))
    return {owner: texts for owner, texts in found.items() if texts}


def translations(path: Path) -> dict[Key, tuple[str, ...]]:
    """Finished translations of one catalogue; fuzzy and empty ones do not count."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        read = read_po(file, locale=LOCALE, abort_invalid=True)
    done: dict[Key, tuple[str, ...]] = {}
    for message in read:
        forms = [message.string] if isinstance(message.string, str) else list(message.string or [""])
        msgid = message.id if isinstance(message.id, str) else message.id[0]
        if msgid and not message.fuzzy and all(forms):
            done[message.context or "", msgid] = tuple(map(str, forms))
    return done


def faults(root: Path) -> list[str]:
    """Everything `steward messages check` complains about, one line each."""
    known: dict[Key, dict[str, tuple[str, ...]]] = {}
    for path in catalogues(root):
        for key, forms in translations(path).items():
            known.setdefault(key, {})[path.relative_to(root).as_posix()] = forms
    texts = [text for found in extract_all(root).values() for text in found]
    missing = [f"{t.where}:{t.line}: no translation: {t.key[1]!r}" for t in texts if t.key not in known]
    return [*missing, *_placeholder_faults(texts, known), *_conflicts(known)]


def _placeholder_faults(texts: list[Text], known: dict[Key, dict[str, tuple[str, ...]]]) -> Iterator[str]:
    for text in texts:
        for where, forms in known.get(text.key, {}).items():
            for form in forms:
                if placeholders(form) != text.placeholders:
                    yield f"{where}: placeholders of {form!r} differ from {text.key[1]!r}"


def _conflicts(known: dict[Key, dict[str, tuple[str, ...]]]) -> Iterator[str]:
    """Django merges all catalogues: of two translations one would win everywhere, by accident."""
    for (_context, msgid), by_file in known.items():
        if len(set(by_file.values())) > 1:
            yield f"{msgid!r} is translated differently in {', '.join(by_file)}: use pgettext or agree"


def update(root: Path, only: tuple[Path, ...] = ()) -> list[Path]:
    """Writes new strings into their package's catalogue, unless another package already translates them.

    ``only`` limits it to the packages within these folders.
    """
    done = {path: set(translations(path)) for path in catalogues(root)}
    written = []
    for owner, texts in extract_all(root).items():
        if only and not any(owner.is_relative_to(folder.resolve()) for folder in only):
            continue
        path = catalogue(owner)
        elsewhere = {key for other, keys in done.items() if other != path for key in keys}
        own = done.get(path, set())
        if _merge(path, [text for text in texts if text.key in own or text.key not in elsewhere]):
            written.append(path)
    return written


def _merge(path: Path, texts: list[Text]) -> bool:
    """Babel would stamp the hour and line numbers into the file: left out, so that branches merge."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    template = Catalog(locale=LOCALE, project="Steward", fuzzy=False)
    for text in texts:
        msgid = (text.key[1], text.plural) if text.plural else text.key[1]
        template.add(msgid, context=text.key[0] or None, locations=[(text.where, 0)])
    merged = Catalog(locale=LOCALE, project="Steward", fuzzy=False)
    if path.exists():
        with path.open("rb") as file:
            merged = read_po(file, locale=LOCALE)
    elif not texts:
        return False
    merged.update(template, no_fuzzy_matching=True)
    merged.header_comment = "# Steward, Simplified Chinese. Licence: Apache-2.0."
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else b""
    with path.open("wb") as file:
        write_po(file, merged, sort_output=True, include_lineno=False, width=110)
    _drop_dates(path)
    return path.read_bytes() != before


def _drop_dates(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    noise = ('"POT-Creation-Date', '"PO-Revision-Date', '"Last-Translator', '"Generated-By', '"Report-Msgid')
    path.write_text("".join(line for line in lines if not line.startswith(noise)), encoding="utf-8")


def compile_stale(root: Path) -> int:
    """Compiles the catalogues that are newer than their .mo; cheap when there is nothing to do."""
    stale = [path for path in catalogues(root) if _is_stale(path, path.with_suffix(".mo"))]
    for path in stale:
        _compile(path)
    return len(stale)


def _is_stale(source: Path, made: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


def _compile(path: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        read = read_po(file, locale=LOCALE)
    draft = path.with_suffix(f".mo.{os.getpid()}")  # two runs may be compiling
    with draft.open("wb") as file:
        write_mo(file, read)
    draft.replace(path.with_suffix(".mo"))


@click.group()
def messages() -> None:
    """Translations: extract, compile, check."""


@messages.command("update")
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
def update_command(*, folders: tuple[Path, ...]) -> None:
    """Bring the catalogues (of all packages, or of those in FOLDERS) up to date with their sources."""
    for path in update(ROOT, folders):
        click.echo(path.relative_to(ROOT))


@messages.command("compile")
def compile_command() -> None:
    """Compile the catalogues that changed."""
    click.echo(f"{compile_stale(ROOT)} compiled")


@messages.command("check")
def check_command() -> None:
    """Fail when a string has no Chinese, or its placeholders differ."""
    found = faults(ROOT)
    for fault in found:
        click.echo(fault, err=True)
    if found:
        raise click.ClickException(f"{len(found)} faults in the translations")
    click.echo("translations complete")
