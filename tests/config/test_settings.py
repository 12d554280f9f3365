"""Settings refuse what cannot be meant, before anything is served."""

import os
import runpy
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

SETTINGS = Path(__file__).resolve().parents[2] / "config" / "settings.py"
SECRET = "x" * 50
PRODUCTION = {
    "STEWARD_ENV": "production",
    "STEWARD_SECRET_KEY": SECRET,
    "STEWARD_HOSTS": "steward.example.cn",
    "STEWARD_PUBLIC_URL": "https://steward.example.cn",
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("STEWARD_") or name in {"DATABASE_URL", "EMAIL_URL", "PORT"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("STEWARD_VAR", str(tmp_path))


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, Any]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(SETTINGS))


@pytest.mark.parametrize(
    "wrong",
    [
        {"STEWARD_ENV": "prod"},
        {"STEWARD_DEBUG": "maybe"},
        {"STEWARD_DEMO": "2"},
        {"PORT": "0"},
        {"PORT": "65536"},
        {"PORT": "80a"},
        {"PORT": "-1"},
        {"PORT": "²"},
        {"DATABASE_URL": "mysql://localhost/steward"},
        {"DATABASE_URL": "postgres://localhost"},
        {"DATABASE_URL": "steward.sqlite3"},
        {"DATABASE_URL": "sqlite://:memory:"},
        {"EMAIL_URL": "mail.example.cn"},
        {"STEWARD_SECRET_KEY": "short"},
        {"STEWARD_PUBLIC_URL": "steward.example.cn"},
        {"STEWARD_PUBLIC_URL": "https://steward.example.cn/app"},
        {"STEWARD_LOG": "loud"},
        {"DATABASE_URL": "postgres://localhost/steward", "STEWARD_DB_POOL": "0"},
        {"STEWARD_SMS_URL": "sms.example.cn/send"},
        {"STEWARD_SMS_URL": "ftp://sms.example.cn/send"},
        {"STEWARD_SMS_URL": "https://sms.example.cn/send"},
        {"STEWARD_SMS_TEMPLATES": "repair.received"},
        {"STEWARD_SMS_TEMPLATES": "repair.received="},
        {"STEWARD_SMS_TIMEOUT": "0"},
        {"STEWARD_SMS_TIMEOUT": "61"},
        {"STEWARD_ROBOTS": "YX:wecom"},
        {"STEWARD_ROBOTS": "YX:slack=KEY123"},
        {"STEWARD_ROBOTS": "YX:feishu=SECRET@TOKEN"},
        {"STEWARD_ROBOT_HOSTS": "wecom=wecom.example.cn"},
        {"STEWARD_ROBOT_HOSTS": "slack=https://slack.example.cn"},
        {"STEWARD_SENDERS": "0"},
    ],
    ids=lambda wrong: ",".join(f"{name}={value}" for name, value in wrong.items()),
)
def test_a_wrong_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]) -> None:
    name = list(wrong)[-1]
    with pytest.raises(ImproperlyConfigured, match=name):
        load(monkeypatch, **wrong)


def test_production_starts_when_everything_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **PRODUCTION)
    assert settings["ALLOWED_HOSTS"] == ["steward.example.cn"]
    assert settings["SECRET_KEY"] == SECRET
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["DEBUG"] is False
    assert settings["DEMO"] is False


@pytest.mark.parametrize("missing", ["STEWARD_SECRET_KEY", "STEWARD_HOSTS", "STEWARD_PUBLIC_URL"])
def test_production_does_not_start_without(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    with pytest.raises(ImproperlyConfigured, match=missing):
        load(monkeypatch, **given)


@pytest.mark.parametrize(
    ("name", "value"), [("STEWARD_DEMO", "1"), ("STEWARD_DEBUG", "1"), ("STEWARD_HOSTS", "a.cn,*")]
)
def test_production_refuses(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        load(monkeypatch, **{**PRODUCTION, name: value})


def test_demo_is_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch)["DEMO"] is False
    assert load(monkeypatch, STEWARD_DEMO="1")["DEMO"] is True


def test_a_secret_key_is_made_once_and_kept_from_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = load(monkeypatch)["SECRET_KEY"]
    kept = tmp_path / "secret_key"
    assert len(first) >= 50
    assert load(monkeypatch)["SECRET_KEY"] == first == kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(tmp_path.glob("secret_key.*")) == []


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_postgres_address_is_understood(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    address = f"{scheme}://li:p%40ss@db.example.cn:5433/steward?sslmode=require"
    found = load(monkeypatch, DATABASE_URL=address)["DATABASES"]["default"]
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example.cn", 5433, "steward")
    assert (found["USER"], found["PASSWORD"]) == ("li", "p@ss")
    assert found["OPTIONS"]["sslmode"] == "require"
    assert found["OPTIONS"]["pool"]["max_size"] == 8


def test_passwords_are_kept_with_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch)["PASSWORD_HASHERS"][0].endswith("Argon2PasswordHasher")


def test_no_inline_script_or_style_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    directives = load(monkeypatch)["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    sources = {source for allowed in directives.values() for source in allowed}
    assert sources <= {"'self'", "'none'", "data:", "blob:"}
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == directives["style-src"] == ["'self'"]
