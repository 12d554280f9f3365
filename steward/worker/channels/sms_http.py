"""An SMS provider behind a generic signed JSON API.

POST to the URL with ``{key, to, text, sign, template, values}``. Headers: ``X-Key`` names the account,
``X-Timestamp`` (Unix seconds) and ``X-Signature`` (hex HMAC-SHA256 of ``timestamp + "\\n" + body`` under the secret)
prove it, ``Idempotency-Key`` is the outbox row's provider key. Answer: 2xx with ``{"code": "ok"}``, or another code.
``GET status_url?key=…`` (signed over the key) answers ``{"state": "taken" | "unknown"}``.
"""

import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any, Final

import httpx

from steward.kernel.outbox import RefusedError, UnclearError
from steward.worker.channels.ports import Sms

TAKEN: Final = frozenset({"ok", "duplicate"})
BUSY: Final = frozenset({"busy", "throttled"})
#: Our account, our clock, too many requests: nothing is wrong with the number, and a person can put it right.
OURS: Final = frozenset({401, 403, 407, 408, 425, 429})
ALREADY: Final = 409


class ProviderError(Exception):
    """Not taken now; worth another try."""


@dataclass(frozen=True)
class HttpSms:
    url: str
    key: str
    secret: str
    status_url: str = ""
    timeout: float = 10.0

    @property
    def can_be_asked(self) -> bool:
        return bool(self.status_url)

    def send(self, sms: Sms) -> None:
        """Raises RefusedError, UnclearError (cut off after it may have been taken) or ProviderError."""
        body = json.dumps(_content(sms), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {**self._signed(body), "Content-Type": "application/json", "Idempotency-Key": str(sms.key)}
        try:
            response = httpx.post(self.url, content=body, headers=headers, timeout=self.timeout, trust_env=False)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ProviderError(f"nobody answers at the provider: {error}") from error
        except httpx.TransportError as error:
            raise UnclearError(f"cut off while sending: {type(error).__name__} {error}") from error
        _judge(response)

    def took(self, key: uuid.UUID) -> bool:
        headers = self._signed(str(key).encode())
        query = {"key": str(key)}
        try:
            answer = httpx.get(
                self.status_url, params=query, headers=headers, timeout=self.timeout, trust_env=False
            ).raise_for_status()
        except httpx.HTTPError as error:
            raise ProviderError(f"cannot ask the provider: {error}") from error
        return str(_read(answer).get("state")) == "taken"

    def _signed(self, content: bytes) -> dict[str, str]:
        stamp = str(int(time.time()))
        digest = hmac.new(self.secret.encode(), stamp.encode() + b"\n" + content, hashlib.sha256)
        return {"X-Key": self.key, "X-Timestamp": stamp, "X-Signature": digest.hexdigest()}


def _content(sms: Sms) -> dict[str, Any]:
    return {
        "key": str(sms.key),
        "to": sms.to,
        "text": sms.text,
        "sign": sms.signature,
        "template": sms.template,
        "values": dict(sms.values),
    }


def _judge(response: httpx.Response) -> None:
    code, status = str(_read(response).get("code", "")), response.status_code
    told = f"{status} {code} {response.text[:200]}"
    if status == ALREADY or (response.is_success and code in TAKEN):
        return
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in OURS or code in BUSY:
        raise ProviderError(told)
    if response.is_client_error or (response.is_success and code):
        raise RefusedError(told)
    # A success in words we do not know: it may well have been sent.
    raise UnclearError(told)


def _read(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
