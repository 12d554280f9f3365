"""Backup and restore: everything comes back, in any database, or nothing changes.

The source is a company in SQLite; it is restored into the database under test, so that the run on PostgreSQL goes
from one to the other, and from there back into SQLite.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from steward.cases.models import Case
from steward.kernel import audit, reference
from steward.kernel.actor import SYSTEM
from steward.kernel.audit.models import CompanyEvent
from steward.kernel.audit.verify import verify
from steward.kernel.backup.archive import MANIFEST, ArchiveError, manifest_of
from steward.kernel.backup.make import make, one_moment
from steward.kernel.backup.restore import check, restore
from steward.kernel.models import Attachment
from steward.registers.org.models import Node, User
from tests.database import migrated_sqlite
from tests.world import NOW, World

ROOT = Path(__file__).resolve().parent.parent.parent
#: What a restore adds to (that it happened), or may set anew.
TOUCHED = ("kernel.companyevent", "kernel.sealstate")
Raw = dict[str, list[tuple[Any, ...]]]


def run(folder: Path, *command: str) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith("STEWARD_")}
    env |= {
        "STEWARD_VAR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/one.sqlite3",
        "STEWARD_ENV": "test",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def migrated(folder: Path) -> Path:
    """With an empty database in it, where an earlier run left one; else the command migrates."""
    if migrated_sqlite().exists():
        shutil.copyfile(migrated_sqlite(), folder / "one.sqlite3")
    return folder


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a small company in SQLite; the database stands beside it."""
    folder = migrated(tmp_path_factory.mktemp("source"))
    run(folder, "-m", "tests.kernel.backup_source", str(folder / "one.zip"))
    return folder / "one.zip"


@pytest.fixture
def empty(transactional_db: None, settings: Settings, tmp_path: Path) -> Path:
    """The database under test, empty, with a folder of its own for uploads."""
    settings.MEDIA_ROOT = tmp_path / "files"
    reference.forget()
    return tmp_path


def rows_of(path: Path) -> dict[str, list[Any]]:
    """Read, not as text: PostgreSQL keeps JSON with another order of keys, and 1e16 as a whole number."""
    with zipfile.ZipFile(path) as archive:
        return {
            table.label: [json.loads(line) for line in archive.read(f"tables/{table.label}.jsonl").splitlines()]
            for table in manifest_of(archive).tables
        }


def raw_rows(database: Path) -> Raw:
    """Every row as SQLite itself gives it."""
    with sqlite3.connect(database) as found:
        names = [n for (n,) in found.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = [n for n in names if not n.startswith(("sqlite_", "django_", "auth_"))]
        return {n: sorted(found.execute(f'SELECT * FROM "{n}"'), key=repr) for n in own}  # noqa: S608


def alike(one: dict[str, list[Any]], two: dict[str, list[Any]], but: tuple[str, ...]) -> None:
    assert set(one) == set(two)
    for name, rows in one.items():
        if name not in but:
            assert rows == two[name], name


def world_again() -> World:
    company: Any = type("Known", (), {})()
    company.nodes = {node.code: node for node in Node.objects.all()}
    company.users = {user.username: user for user in User.objects.all()}
    reference.refresh()
    return World(company)


def test_everything_comes_back_and_goes_on(source: Path, empty: Path) -> None:
    manifest = restore(source, at=NOW)
    assert manifest.rows > 100
    made = make(empty / "two.zip", at=NOW)
    before, after = rows_of(source), rows_of(empty / "two.zip")
    alike(before, after, TOUCHED)
    # That it was restored, and that it was backed up again.
    assert after["kernel.companyevent"][:-2] == before["kernel.companyevent"]
    assert made.files == manifest.files
    assert all((empty / "files" / name).stat().st_size > 100 for name in made.files)
    projects = list(Node.objects.filter(level="project").values_list("pk", flat=True))
    assert verify(project_ids=projects).faults == []

    world = world_again()
    case = Case.objects.unscoped().get()
    world.act("desk", case.number, "say", text="恢复以后照常办")
    assert world.open("desk").case.pk > case.pk
    assert Attachment.objects.unscoped().count() == len(manifest.files) == 1


def test_there_and_back_no_bit_is_lost(source: Path, empty: Path, tmp_path: Path) -> None:
    """Through the database under test (twice) and back into SQLite: every row as SQLite itself keeps it."""
    restore(source, at=NOW)
    make(empty / "two.zip", at=NOW)
    call_command("flush", interactive=False, verbosity=0)
    restore(empty / "two.zip", at=NOW)
    make(empty / "three.zip", at=NOW)
    back = migrated(tmp_path)
    run(back, "-m", "steward", "restore", str(empty / "three.zip"))
    found, first = raw_rows(back / "one.sqlite3"), raw_rows(source.with_name("one.sqlite3"))
    alike(_read(first), _read(found), ("kernel_companyevent", "kernel_sealstate"))
    assert "0 faults" in run(back, "-m", "steward", "audit", "verify")


def _read(tables: Raw) -> dict[str, list[Any]]:
    """JSON read, rows in an order that does not rest on how it is spelt."""

    def order(row: tuple[Any, ...]) -> str:
        return repr([value for value in row if not isinstance(value, (dict, list))])

    return {name: sorted((tuple(map(_value, row)) for row in rows), key=order) for name, rows in tables.items()}


def _value(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value


def test_a_database_in_use_is_refused(source: Path, empty: Path) -> None:
    audit.record(project_id=None, actor=SYSTEM, at=NOW, what="x.y", subject_kind="x")
    with pytest.raises(ArchiveError, match="not empty"):
        restore(source, at=NOW)
    assert CompanyEvent.objects.count() == 1
    assert not Node.objects.exists()
    assert not (empty / "files").exists()


Damage = Callable[[Path, Path], None]


def cut(share: float) -> Damage:
    def damage(one: Path, two: Path) -> None:
        content = one.read_bytes()
        two.write_bytes(content[: int(len(content) * share)])

    return damage


def flip(share: float) -> Damage:
    def damage(one: Path, two: Path) -> None:
        content = bytearray(one.read_bytes())
        # A run of bytes: a single one may hit a clock time in a header that nobody reads.
        begin = int(len(content) * share)
        content[begin : begin + 400] = bytes(b ^ 0x55 for b in content[begin : begin + 400])
        two.write_bytes(content)

    return damage


def again(change: Callable[[dict[str, bytes]], None]) -> Damage:
    """A well-formed zip with other contents."""

    def damage(one: Path, two: Path) -> None:
        with zipfile.ZipFile(one) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        change(members)
        with zipfile.ZipFile(two, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    return damage


def manifest(**values: Any) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members[MANIFEST] = json.dumps({**json.loads(members[MANIFEST]), **values}).encode()

    return change


def lose(members: dict[str, bytes]) -> None:
    del members["tables/cases.case.jsonl"]


def add(members: dict[str, bytes]) -> None:
    members["tables/cases.other.jsonl"] = b"[]"


def reword(members: dict[str, bytes]) -> None:
    members["tables/org.node.jsonl"] = members["tables/org.node.jsonl"].replace("云栖".encode(), "云西".encode())


def newer(members: dict[str, bytes]) -> None:
    known = json.loads(members[MANIFEST])["migrations"]
    manifest(migrations=[*known, ["kernel", "9999_to_come"]])(members)


def unnamed(members: dict[str, bytes]) -> None:
    del members[MANIFEST]


def climb(members: dict[str, bytes]) -> None:
    name, digest = next(iter(json.loads(members[MANIFEST])["files"].items()))
    members["files/../../out.jpg"] = members.pop(f"files/{name}")
    manifest(files={"../../out.jpg": digest})(members)


DAMAGES = {
    "nothing left": cut(0),
    "cut early": cut(0.1),
    "cut late": cut(0.999),
    "flipped early": flip(0.2),
    "flipped in the middle": flip(0.5),
    "a table lost": again(lose),
    "a table more": again(add),
    "a name changed": again(reword),
    "no manifest": again(unnamed),
    "a manifest of something else": again(manifest(made_by="other")),
    "another format": again(manifest(format=2)),
    "a newer version": again(newer),
    "a path upwards": again(climb),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_file_that_cannot_be_trusted_changes_nothing(
    source: Path, db: None, settings: Settings, tmp_path: Path, damage: Damage
) -> None:
    settings.MEDIA_ROOT = tmp_path / "in" / "files"
    damage(source, tmp_path / "bad.zip")
    with pytest.raises(ArchiveError):
        restore(tmp_path / "bad.zip", at=NOW)
    assert not Node.objects.exists()
    assert [p.name for p in tmp_path.rglob("*")] == ["bad.zip"]


def test_a_newer_version_is_named(source: Path, db: None, tmp_path: Path) -> None:
    again(newer)(source, tmp_path / "new.zip")
    with pytest.raises(ArchiveError, match=r"does not know kernel\.9999_to_come"):
        restore(tmp_path / "new.zip", at=NOW)


def test_rows_that_do_not_fit_together_change_nothing(source: Path, empty: Path) -> None:
    """A sound file whose rows break a constraint (sums and manifest were forged together)."""

    def orphan(members: dict[str, bytes]) -> None:
        import hashlib  # noqa: PLC0415

        members["tables/estate.building.jsonl"] = b""
        known = json.loads(members[MANIFEST])
        for table in known["tables"]:
            if table["label"] == "estate.building":
                table |= {"rows": 0, "sha256": hashlib.sha256(b"").hexdigest()}
        members[MANIFEST] = json.dumps(known).encode()

    again(orphan)(source, empty / "bad.zip")
    with pytest.raises(ArchiveError, match="do not fit together"):
        restore(empty / "bad.zip", at=NOW)
    assert not Node.objects.exists()
    assert [p.name for p in empty.rglob("*") if p.is_file()] == ["bad.zip"]


def test_another_version_asks_for_a_database_without_tables(source: Path, empty: Path) -> None:
    again(without_the_seal)(source, empty / "old.zip")
    with pytest.raises(ArchiveError, match="without tables"):
        restore(empty / "old.zip", at=NOW)


@pytest.mark.skipif(os.environ.get("STEWARD_TEST_ON") == "postgres", reason="restored into SQLite: once is enough")
def test_an_older_backup_is_brought_up_to_date(source: Path, tmp_path: Path) -> None:
    again(without_the_seal)(source, tmp_path / "old.zip")
    run(tmp_path / "new", "-m", "steward", "restore", str(tmp_path / "old.zip"))
    found = raw_rows(tmp_path / "new" / "one.sqlite3")
    assert len(found["cases_case"]) == 1
    assert found["kernel_seal"] == []
    assert "not sealed yet" in run(tmp_path / "new", "-m", "steward", "audit", "verify")


def without_the_seal(members: dict[str, bytes]) -> None:
    """As the version before the seal would have written it."""
    gone = ("kernel.seal", "kernel.companyseal", "kernel.sealstate")
    for label in gone:
        del members[f"tables/{label}.jsonl"]
    known = json.loads(members[MANIFEST])
    known["tables"] = [t for t in known["tables"] if t["label"] not in gone]
    known["migrations"] = [m for m in known["migrations"] if m[1] != "0004_seal"]
    members[MANIFEST] = json.dumps(known).encode()


def test_a_backup_never_replaces_a_file(source: Path, empty: Path) -> None:
    with pytest.raises(ArchiveError, match="there already"):
        make(source, at=NOW)
    assert check(source).rows > 0


def test_a_backup_sees_one_moment_and_stops_nobody(empty: Path) -> None:
    def write() -> None:
        audit.record(project_id=None, actor=SYSTEM, at=NOW, what="x.y", subject_kind="x")
        connection.close()

    with one_moment():
        before = CompanyEvent.objects.count()
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
        assert CompanyEvent.objects.count() == before
    assert CompanyEvent.objects.count() == before + 1


def test_the_file_is_for_its_owner_only(empty: Path) -> None:
    make(empty / "mine.zip", at=NOW)
    assert (empty / "mine.zip").stat().st_mode & 0o077 == 0
    assert "org.session" not in rows_of(empty / "mine.zip")
