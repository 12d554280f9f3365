"""Papers of contractors over the API: uploaded page by page, read through their scope, never deleted."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from steward.registers.workforce.models import Contractor
from tests.api.conftest import Api
from tests.workforce.test_contractors import engage
from tests.workforce.test_papers import PDF
from tests.world import World, picture


@pytest.fixture
def firm(world: World) -> Contractor:
    return engage(world)


def upload(api: Api, firm: Contractor, *contents: bytes, **told: Any) -> Any:
    files = [SimpleUploadedFile(f"{n}.bin", content) for n, content in enumerate(contents)]
    body = {"client_uuid": str(uuid.uuid4()), "kind": "insurance", **told}
    path = f"/api/v1/contractors/YX/{firm.pk}/papers"
    return api.client.post(path, {**body, "files": files}, headers=api.headers)


def test_a_policy_is_uploaded_read_and_followed(api: Callable[[str], Api], firm: Contractor) -> None:
    manager, desk, once = api("manager"), api("desk"), str(uuid.uuid4())
    first = upload(manager, firm, PDF, picture(), client_uuid=once).json()
    assert (first["pages"], first["valid_until"]) == (2, "2026-12-31")
    assert upload(manager, firm, PDF, picture(), client_uuid=once).json()["id"] == first["id"]
    page = desk.get(f"/contractors/YX/papers/{first['id']}/pages/1")
    assert (page["Content-Type"], page["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert page["Content-Disposition"].startswith("attachment")
    assert b"".join(page.streaming_content) == PDF
    assert b"".join(desk.get(f"/contractors/YX/papers/{first['id']}/pages/2").streaming_content)[:3] == b"\xff\xd8\xff"
    assert desk.get(f"/contractors/YX/papers/{first['id']}/pages/3").status_code == 404
    second = upload(manager, firm, picture("blue"), valid_until="2027-12-31").json()
    listed = desk.get(f"/contractors/YX/{firm.pk}/papers").json()
    assert [(p["id"], p["ended_at"] is None) for p in listed] == [(second["id"], True), (first["id"], False)]
    body = {"client_uuid": str(uuid.uuid4()), "reason": "传错了公司"}
    gone = manager.post(f"/contractors/YX/papers/{second['id']}/withdraw", body).json()
    assert (gone["end_reason"], gone["pages"]) == ("传错了公司", 1)
    assert upload(manager, firm, b"MZ").status_code == 422
    assert upload(desk, firm, PDF).status_code == 403


@pytest.mark.parametrize("who", ["tech", "owner", "outsider"])
def test_out_of_scope_nothing_of_it_is_there(api: Callable[[str], Api], firm: Contractor, who: str) -> None:
    paper, other = upload(api("manager"), firm, PDF).json()["id"], api(who)
    assert other.get(f"/contractors/YX/{firm.pk}/papers").status_code == 404
    assert other.get(f"/contractors/YX/papers/{paper}/pages/1").status_code == 404
    assert upload(other, firm, PDF).status_code == 404
    body = {"client_uuid": str(uuid.uuid4()), "reason": "传错了公司"}
    assert other.post(f"/contractors/YX/papers/{paper}/withdraw", body).status_code == 404
