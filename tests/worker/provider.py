"""A real HTTP server in the test process: an SMS provider, and how it is told to misbehave."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET = "provider-secret"
#: What it does with the next messages, by name.
DIES_AFTER, SLOW, DIES_BEFORE = "dies after taking", "slow", "dies before taking"


class Provider:
    """Takes every message unless ``answers`` holds other behaviour for the next ones: (status, body) or a name.

    ``folds``: a key it knows is answered with 409 and not sent to the phone again.
    """

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[tuple[int, str] | str] = []
        self.refused_numbers: set[str] = set()
        self.asked: list[str] = []
        self.forged = 0
        self.folds = True
        self.delay = 1.5
        self.url = ""

    @property
    def keys(self) -> list[str]:
        return [m["key"] for m in self.taken]

    def take(self, message: dict[str, Any]) -> tuple[int, str]:
        if message["to"] in self.refused_numbers:
            return 422, '{"code": "bad_number"}'
        if self.folds and message["key"] in self.keys:
            return 409, '{"code": "duplicate"}'
        self.taken.append(message)
        return 200, '{"code": "ok", "id": "1"}'


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, *_args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        provider = self.provider
        provider.headers.append(dict(self.headers.items()))
        if not self._is_signed(body):
            provider.forged += 1
            self._answer(401, '{"code": "signature"}')
            return
        message = json.loads(body)
        how = provider.answers.pop(0) if provider.answers else ""
        if isinstance(how, tuple):
            self._answer(*how)
        elif how == DIES_BEFORE:
            self.close_connection = True
        elif how == DIES_AFTER:
            provider.take(message)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
            self.close_connection = True
        else:
            answer = provider.take(message)
            if how == SLOW:
                time.sleep(provider.delay)
            self._answer(*answer)

    def do_GET(self) -> None:
        key = parse_qs(urlsplit(self.path).query)["key"][0]
        if not self._is_signed(key.encode()):
            self._answer(401, "{}")
            return
        self.provider.asked.append(key)
        self._answer(200, json.dumps({"state": "taken" if key in self.provider.keys else "unknown"}))

    def _is_signed(self, content: bytes) -> bool:
        stamp = self.headers.get("X-Timestamp", "")
        wanted = hmac.new(SECRET.encode(), stamp.encode() + b"\n" + content, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, self.headers.get("X-Signature", ""))

    def _answer(self, status: int, text: str) -> None:
        try:
            self.send_response(status)
            content = text.encode()
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the caller did not wait


@contextmanager
def sms_provider() -> Iterator[Provider]:
    provider = Provider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
