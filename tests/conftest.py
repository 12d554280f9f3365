"""Shared by all tests: which of them can run here."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as examples

from steward.kernel import reference
from tests import database
from tests.again import world_again
from tests.world import World, build_world

ROOT = Path(__file__).resolve().parent.parent
#: Real request logs, too large for the repository.
DATA = ROOT.parent / "shared" / "data"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# How long an example takes says more of the machine than of us. CI tries the same ones each time; at home new ones.
examples.register_profile(
    "steward",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
examples.load_profile("steward")


def find_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_report_header() -> str:
    return f"database: {settings.DATABASES['default']['ENGINE']}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    no_data = pytest.mark.skip(reason=f"needs the data sets in {DATA}")
    no_browser = pytest.mark.skip(reason="needs Chromium; .ci/run installs it")
    for item in items:
        if item.get_closest_marker("data") and not DATA.is_dir():
            item.add_marker(no_data)
        if item.get_closest_marker("browser") and find_browser() is None and not os.environ.get("CI"):
            item.add_marker(no_browser)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """What stands at the database's place was put there by `migrated`."""
    return database.ON == "sqlite"


@pytest.fixture(scope="session")
def django_db_setup(django_db_modify_db_settings: None, migrated: Path | None, django_db_setup: None) -> None:
    if migrated is not None and not migrated.exists():
        database.keep(migrated)


@pytest.fixture(scope="session")
def migrated(django_db_modify_db_settings: None) -> Path | None:
    """An empty SQLite database made by the same migrations, from an earlier run: saves ten seconds a run."""
    return database.lay_out() if database.ON == "sqlite" else None


@pytest.fixture(autouse=True)
def house_language() -> None:
    """A request in English leaves its language behind in the thread."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    return DATA


@pytest.fixture(scope="session")
def browser_path() -> str:
    found = find_browser()
    assert found is not None, "Chromium is absent"
    return found


@pytest.fixture
def world(request: pytest.FixtureRequest, db: None) -> Iterator[World]:
    """The cast in a fresh database."""
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (marker is not None and marker.kwargs.get("transaction"))
    reference.forget()
    yield build_world() if commits else world_again()
    reference.forget()


@pytest.fixture(autouse=True)
def patience(request: pytest.FixtureRequest) -> Iterator[None]:
    """A browser that hangs fails its test instead of the whole run; one on a busy machine is waited for."""
    if request.node.get_closest_marker("browser") is None:
        yield
        return
    from playwright.sync_api import expect  # noqa: PLC0415 - only where there is a browser

    expect.set_options(timeout=60_000)

    def give_up(_signal: int, _frame: object) -> None:
        raise TimeoutError("the browser hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(900)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
