"""Settings from the environment. A value that cannot be meant stops the start; nothing is guessed."""

import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_ROBOTS = ("wecom", "dingtalk", "feishu")
_KEY = re.compile(r"[A-Za-z0-9_-]{3,128}")
_SCHEMES = ("sqlite", "postgres", "postgresql")
_MAIL_SCHEMES = ("smtp", "smtp+tls", "smtp+ssl", "consolemail", "memorymail", "filemail", "dummymail")


def text(name: str, default: str = "") -> str:
    """An unset and an empty variable mean the same: the default."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value not in _FLAGS:
        raise ImproperlyConfigured(f"{name}={value!r}: expected 1 or 0.")
    return _FLAGS[value]


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r}: expected one of {', '.join(allowed)}.")
    return value


def whole(name: str, *, default: int, least: int, most: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name}={value!r}: expected a whole number from {least} to {most}.")
    return int(value)


def names(name: str) -> list[str]:
    return [part.strip() for part in text(name).split(",") if part.strip()]


def origin(name: str, default: str) -> str:
    """Scheme and host only, for example https://steward.example.cn."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
        raise ImproperlyConfigured(f"{name}={value!r}: expected http(s)://host[:port].")
    return value


def address(name: str, *, insecure: bool) -> str:
    """A whole web address, or empty; http only where ``insecure`` allows it."""
    value = text(name)
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in ({"http", "https"} if insecure else {"https"}) or not parts.hostname or parts.fragment:
        raise ImproperlyConfigured(f"{name}: expected {'http(s)' if insecure else 'https'}://host/path.")
    return value


def pairs(name: str) -> dict[str, str]:
    """``key=value,key=value``."""
    found: dict[str, str] = {}
    for part in names(name):
        key, equals, value = part.partition("=")
        if not (equals and key.strip() and value.strip()):
            raise ImproperlyConfigured(f"{name}: {part!r}: expected key=value.")
        found[key.strip()] = value.strip()
    return found


def robots(name: str) -> dict[str, str]:
    """Group robots: ``YX:wecom=KEY,*:dingtalk=SECRET@TOKEN``; a project's code or ``*``. Values are never printed."""
    found: dict[str, str] = {}
    for part in names(name):
        where, equals, key = (piece.strip() for piece in part.partition("="))
        code, _colon, kind = where.partition(":")
        secret, _at, token = key.rpartition("@")
        if not (
            equals and code and kind in _ROBOTS and _KEY.fullmatch(token) and (not secret or _KEY.fullmatch(secret))
        ):
            raise ImproperlyConfigured(f"{name}: {where!r}: expected CODE:kind=KEY, kind one of {', '.join(_ROBOTS)}.")
        if secret and kind != "dingtalk":
            raise ImproperlyConfigured(f"{name}: {where!r}: only dingtalk has SECRET@TOKEN.")
        found[where] = key
    return found


def robot_hosts(name: str, *, insecure: bool) -> dict[str, str]:
    """Where a privately run WeCom, DingTalk or Feishu stands: ``wecom=https://wecom.example.cn``."""
    found = pairs(name)
    for kind, value in found.items():
        parts = urlsplit(value)
        schemes = {"http", "https"} if insecure else {"https"}
        if kind not in _ROBOTS or parts.scheme not in schemes or not parts.netloc or parts.path.strip("/"):
            raise ImproperlyConfigured(f"{name}: {kind!r}: expected kind=https://host.")
    return {kind: value.rstrip("/") for kind, value in found.items()}


def database(name: str, default: Path) -> dict[str, Any]:
    """Django's connection settings for a sqlite:// or postgres:// address."""
    value = text(name, f"sqlite:///{default}")
    if urlsplit(value).scheme not in _SCHEMES:
        raise ImproperlyConfigured(f"{name}: expected sqlite:///path or postgres://user:password@host/name.")
    found: dict[str, Any] = environ.Env.db_url_config(value)
    if not found["NAME"] or found["NAME"] == ":memory:":
        raise ImproperlyConfigured(f"{name}: the database has no name; one in memory cannot be shared with the worker.")
    return found


def mail(name: str, default: str) -> dict[str, Any]:
    value = text(name, default)
    if urlsplit(value).scheme not in _MAIL_SCHEMES:
        raise ImproperlyConfigured(f"{name}: expected smtp://, smtp+tls:// or smtp+ssl://user:password@host:port.")
    found: dict[str, Any] = environ.Env.email_url_config(value)
    return found


def secret(name: str, *, kept_in: Path, may_generate: bool) -> str:
    """The secret key; outside production one is made on the first start and kept in ``kept_in``."""
    given = text(name)
    if given:
        if len(given) < 32:
            raise ImproperlyConfigured(f"{name}: too short, at least 32 characters.")
        return given
    if not may_generate:
        raise ImproperlyConfigured(f"{name} must be set in production.")
    if not kept_in.exists():
        _write_secret(kept_in)
    return kept_in.read_text(encoding="ascii").strip()


def _write_secret(path: Path) -> None:
    """Web server and worker may start at the same moment: the first complete file wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
