"""Papers in the console: found by keyboard, printed, refused."""

import pytest

from steward.papers import health
from tests.console.conftest import SignIn, to_quoted
from tests.world import World


def test_a_case_offers_its_papers_and_prints_them(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    desk = sign_in("desk")
    assert f"/cases/{number}/papers/" in desk.page(f"/cases/{number}/")
    body = desk.get(f"/cases/{number}/papers/", headers={"HX-Request": "true"}).content.decode()
    assert f"/cases/{number}/papers/job.pdf?sheet=241" in body
    assert "<html" not in body
    assert number in desk.page(f"/cases/{number}/papers/")
    answer = desk.get(f"/cases/{number}/papers/job.pdf?sheet=80")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content.startswith(b"%PDF-")


def test_a_foreign_paper_is_not_found(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    for path in ("papers/", "papers/job.pdf"):
        assert sign_in("outsider").get(f"/cases/{number}/{path}").status_code == 404
    assert sign_in("desk").get(f"/cases/{number}/papers/poem.pdf").status_code == 404


def test_a_server_that_cannot_print_says_what_to_install(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = to_quoted(world)
    monkeypatch.setattr(health, "has_chinese_font", lambda: False)
    answer = sign_in("desk").get(f"/cases/{number}/papers/job.pdf")
    assert answer.status_code == 503
    assert "fonts-noto-cjk" in answer.content.decode()


def test_the_list_exports_what_it_shows(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    desk = sign_in("desk")
    assert "/registers/cases.xlsx?kind=repair" in desk.page("/cases/?kind=repair").replace("&amp;", "&")
    answer = desk.get("/registers/cases.xlsx?kind=repair&state=open")
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert b"".join(desk.get("/registers/cases.pdf?q=nothing").streaming_content).startswith(b"%PDF-")
    assert "/registers/callbacks.pdf" in desk.page("/registers/?since=2026-11-01&until=bad")
    assert desk.get("/registers/takings.xlsx").status_code == 404
    assert desk.get("/registers/cases.exe").status_code == 404
    assert sign_in("cashier").get("/registers/takings.pdf?day=2026-11-21&sheet=241").status_code == 200
    assert number
