"""Papers in the console: found by keyboard, printed, refused."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from steward.kernel.actor import SYSTEM, Role
from steward.papers import health
from steward.registers.org.operations import grant_role
from tests.console.conftest import SignIn, to_quoted
from tests.world import World, picture


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


def test_a_signed_sheet_is_entered_in_one_form(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P1", payer="owner").case.number
    world.pass_time(hours=3)
    desk = sign_in("desk")
    path = f"/cases/{number}/papers/enter/"
    page = desk.page(path)
    assert 'name="arrived_at"' in page
    typed = {
        "client_uuid": str(uuid.uuid4()),
        "handler": world.company.staff["tech"].pk,
        "arrived_at": "2026-11-21T11:00",
        "cause": "接头渗漏",
        "scope": "更换接头",
        "lines-0-code": "L-PLUMB",
        "lines-0-quantity": "1",
        "person_name": "王淑芬",
        "relation": "本人",
        "finished_at": "2026-11-21T12:30",
        "work_done": "更换接头一只",
        "labour_minutes": "50",
        "site_cleaned": "on",
    }
    refused = desk.post(path, typed)
    assert refused.status_code == 422
    assert "更换接头一只" in refused.content.decode()
    photo = SimpleUploadedFile("sheet.png", picture(), "image/png")
    answer = desk.post(path, {**typed, "sheet": photo})
    assert (answer.status_code, answer["Location"]) == (303, f"/cases/{number}/")
    assert "补录" in desk.page(f"/cases/{number}/")
    assert sign_in("outsider").get(path).status_code == 404


def test_a_line_left_as_it_was_offered_is_no_line(world: World, sign_in: SignIn) -> None:
    """Nothing was quoted: the empty row that every form begins with must not refuse the sheet."""
    number = world.open("desk", urgency="P1", payer="common").case.number
    world.pass_time(hours=3)
    answer = sign_in("desk").post(
        f"/cases/{number}/papers/enter/",
        {
            "client_uuid": str(uuid.uuid4()),
            "handler": world.company.staff["tech"].pk,
            "arrived_at": "2026-11-21T11:00",
            "cause": "接头渗漏",
            "scope": "更换接头",
            "lines-0-code": "",
            "lines-0-quantity": "1",
            "parts-0-code": "",
            "parts-0-name": "",
            "parts-0-quantity": "1",
            "person_name": "王淑芬",
            "relation": "本人",
            "finished_at": "2026-11-21T12:30",
            "work_done": "更换接头一只",
            "labour_minutes": "50",
            "site_cleaned": "on",
            "sheet": SimpleUploadedFile("sheet.png", picture(), "image/png"),
        },
    )
    assert (answer.status_code, answer.headers.get("Location")) == (303, f"/cases/{number}/")


def test_the_empty_sheet_and_its_page(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    for sheet in ("a4", "241", "80"):
        assert desk.get(f"/papers/blank.pdf?sheet={sheet}").content.startswith(b"%PDF-")
    assert 'name="received_at"' in desk.page("/papers/enter/")
    assert sign_in("tech").get("/papers/enter/").status_code == 404


def test_a_day_on_paper_is_entered_where_the_form_was_opened(world: World, sign_in: SignIn) -> None:
    """Another project chosen in a second tab since."""
    user = world.company.users["desk"]
    grant_role(user=user, role=Role.DESK, node=world.company.nodes["RT"], actor=SYSTEM, at=world.now)
    desk, hidden = sign_in("desk"), 'name="project" value="YX"'
    desk.get("/project/YX/")
    assert hidden in desk.page("/papers/enter/")
    desk.get("/project/RT/")
    refused = desk.post("/papers/enter/", {"client_uuid": str(uuid.uuid4()), "project": "YX"})
    assert refused.status_code == 422
    assert hidden in refused.content.decode()
