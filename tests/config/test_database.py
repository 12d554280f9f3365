"""The two databases are set up as their engines need it, and the tests run on the one that was asked for."""

import os

import pytest
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor

pytestmark = pytest.mark.django_db


def setting(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_the_tests_run_on_the_database_asked_for() -> None:
    wanted = {"sqlite": "sqlite", "postgres": "postgresql"}
    assert connection.vendor == wanted[os.environ.get("STEWARD_TEST_ON", "sqlite")]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite only")
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 1), ("foreign_keys", 1), ("busy_timeout", 20_000)]
)
def test_sqlite_is_opened_for_many_readers_and_one_writer(pragma: str, value: object) -> None:
    assert setting(f"PRAGMA {pragma}") == value


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL only")
def test_postgres_uses_a_pool_and_binds_on_the_server() -> None:
    assert connection.settings_dict["OPTIONS"]["pool"]["max_size"] == 8
    with connection.cursor() as cursor:
        assert isinstance(cursor.cursor, ServerBindingCursor)
    assert connection.connection is not None
    assert connection.connection.prepare_threshold == 5
