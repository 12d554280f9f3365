"""What a browser sees while `steward run` prepares: the step and how far it is; then Steward takes the page's place.

The standard library alone, and the catalogue as it was written: it answers before Django is loaded and texts are compiled.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from html import escape
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from string import Template
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from steward.cli.messages import catalogue, translations

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent.parent
DESIGN: Final = ROOT / "steward" / "design"
#: Seconds a failure is still told to a page that asks every second.
LINGER: Final = 5.0
TICK: Final = '<path d="m5 12 5 5L20 7"/>'
RING: Final = '<circle cx="12" cy="12" r="9"/>'
CROSS: Final = '<path d="M6 6l12 12M18 6 6 18"/>'


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


#: step → what the page calls it. Those of the demo company are told by ``steward.demo``.
STEPS: Final = {
    "texts": _("Texts and settings"),
    "database": _("Database brought up to date"),
    "people": _("Demo company: organisation and staff"),
    "homes": _("Demo company: buildings, homes, households"),
    "work": _("Demo company: a hundred days of cases, visits and photographs"),
}


@dataclass
class Progress:
    """Written by who prepares, read by the page's thread."""

    steps: tuple[str, ...]
    step: str = "texts"
    #: Of the step, 0 to 1; None where nobody can say.
    share: float | None = None
    failed: bool = False
    begun: float = field(default_factory=time.monotonic)
    asked_at: float = float("-inf")
    failure_seen: threading.Event = field(default_factory=threading.Event)

    def tell(self, step: str, share: float | None = None) -> None:
        self.step, self.share = step, share

    def fail(self) -> None:
        """Returns when an open page has seen it."""
        self.failed = True
        if time.monotonic() - self.asked_at < LINGER:
            self.failure_seen.wait(LINGER)

    def asked(self) -> None:
        self.asked_at = time.monotonic()
        if self.failed:
            self.failure_seen.set()


@contextmanager
def page(progress: Progress, host: str, port: int) -> Iterator[None]:
    """Answers on the port until the block ends, then leaves it free."""
    server = _Server((host, port), _Quiet)
    server.set_app(partial(_answer, progress))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingMixIn, WSGIServer):
    #: Browsers open connections ahead and say nothing: nobody waits for those.
    daemon_threads = True

    def server_bind(self) -> None:
        """As the library does, but without asking the network what this machine is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()

    def handle_error(self, *_arguments: object) -> None:
        """A browser that went away is no news."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """The terminal is for the steps."""


def _answer(progress: Progress, environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
    """Every address gives the same answer: not yet."""
    is_page = "text/html" in environ.get("HTTP_ACCEPT", "") and environ["PATH_INFO"] != "/health"
    text = _html(progress, _words(environ.get("HTTP_ACCEPT_LANGUAGE", ""))) if is_page else _line(progress)
    headers = [("Content-Type", f"text/{'html' if is_page else 'plain'}; charset=utf-8")]
    start_response("503 Service Unavailable", [*headers, ("Cache-Control", "no-store"), ("Retry-After", "2")])
    if is_page:
        progress.asked()
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [text.encode()]


@cache
def _chinese() -> dict[str, str]:
    found = {**translations(catalogue(DESIGN)), **translations(catalogue(ROOT / "steward"))}
    return {text: forms[0] for (_context, text), forms in found.items()}


def _words(languages: str) -> dict[str, str]:
    """Translations for an Accept-Language; none for who wants English before Chinese. Chinese is the house's own."""
    ranked = [one.strip().lower()[:2] for one in languages.split(",")]
    wanted = next((one for one in ranked if one in {"zh", "en"}), "zh")
    return _chinese() if wanted == "zh" else {}


def _line(progress: Progress) -> str:
    state = "could not be" if progress.failed else "is being"
    return f"Steward {state} prepared: {progress.step} {_percent(progress)}".rstrip() + "\n"


def _percent(progress: Progress) -> str:
    return "" if progress.share is None else f"{int(progress.share * 100)}%"


def _html(progress: Progress, words: dict[str, str]) -> str:
    def say(text: str) -> str:
        return escape(words.get(text, text))

    ends = [_("Ready: Steward is starting …"), _("Steward has stopped. The terminal it was started in says why.")]
    return _template().substitute(
        lang="zh-Hans" if words else "en",
        product=say(_("Steward")),
        title=say(_("Steward could not be prepared") if progress.failed else _("Steward is being prepared")),
        failed="yes" if progress.failed else "",
        refresh="" if progress.failed else '<meta http-equiv="refresh" content="2">',
        steps="\n".join(_step(progress, name, say(STEPS[name])) for name in progress.steps),
        note=_note(progress, say),
        ends=json.dumps([say(end) for end in ends]),
    )


@cache
def _template() -> Template:
    """The page with the product's own colours and sign in it: nothing else can be asked for yet."""
    design = DESIGN / "static" / "design"
    icon = base64.b64encode((design / "steward.svg").read_bytes()).decode()
    tokens = (design / "tokens.css").read_text(encoding="utf-8")
    whole = (HERE / "waiting.html").read_text(encoding="utf-8")
    return Template(Template(whole).safe_substitute(icon=icon, tokens=tokens))


def _step(progress: Progress, name: str, text: str) -> str:
    at, n = progress.steps.index(progress.step), progress.steps.index(name)
    if n != at:
        return _row("done" if n < at else "", TICK if n < at else RING, text)
    if progress.failed:
        return _row("failed", CROSS, text)
    share = "" if progress.share is None else f' value="{progress.share:.3f}"'
    return _row("now", RING, text, f"<small>{_percent(progress)}</small><progress{share}></progress>")


def _row(state: str, sign: str, text: str, more: str = "") -> str:
    return f'<li class="{state}"><svg viewBox="0 0 24 24" aria-hidden="true">{sign}</svg><span>{text}</span>{more}</li>'


def _note(progress: Progress, say: Callable[[str], str]) -> str:
    if progress.failed:
        why = _(
            "It stopped at the step above; the terminal says why. What was done so far is whole: put it right and start again."
        )
        return f'<p class="failure" role="alert">{say(why)}</p>'
    seconds = int(time.monotonic() - progress.begun)
    note = _(
        "{seconds} s so far. A first start takes a minute or two, later ones seconds; the sign-in page comes by itself."
    )
    return f'<p class="note">{say(note).format(seconds=seconds)}</p>'
