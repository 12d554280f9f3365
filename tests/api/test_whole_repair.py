"""A client that has read GET /me, GET /processes/repair and the cases' own answers, and nothing else, does a repair."""

import uuid
from collections.abc import Callable
from typing import Any

from tests.api.conftest import Api
from tests.world import World, picture

Speak = Callable[[str], Api]


class Robot:
    """Fills in what a schema requires from what the API told it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.project = api.get("/me").json()["projects"][0]["code"]
        self.process = api.get("/processes/repair", project=self.project).json()

    def upload(self) -> int:
        body = {"project": self.project, "client_uuid": str(uuid.uuid4()), "file": _file()}
        return int(self.api.client.post("/api/v1/files", body, headers=self.api.headers).json()["id"])

    def do(self, number: str, name: str, **chosen: Any) -> dict[str, Any]:
        case = self.api.get(f"/cases/{number}").json()
        assert name in {a["name"] for a in case["actions"]}, (name, case["state"])
        schema = next(a for a in self.process["actions"] if a["name"] == name)["schema"]
        data = {f: self.fill(f, schema["properties"][f], schema, case) for f in schema.get("required", [])}
        answer = self.api.act(number, name, **{**data, **chosen})
        assert answer.status_code == 200, (name, answer.json())
        done: dict[str, Any] = answer.json()
        return done

    def fill(self, name: str, field: dict[str, Any], schema: dict[str, Any], case: dict[str, Any]) -> Any:
        kind = field.get("kind", "")
        if name in ("quote_hash", "amount"):
            return case["detail"][name]
        if kind == "staff":
            return next(s["id"] for s in self.process["staff"] if s["roles"] == ["technician"])
        if kind == "photos":
            return [self.upload()]
        if kind == "lines":
            return [{"code": p["code"], "quantity": "1"} for p in self.process["prices"] if p["kind"] != "flat"][:2]
        if "$ref" in field:
            return schema["$defs"][field["$ref"].rsplit("/", 1)[1]]["enum"][0]
        return {"boolean": True, "integer": 30}.get(field.get("type", ""), "照办")


def _file() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    return SimpleUploadedFile("p.png", picture(), "image/png")


def test_a_whole_repair_from_the_api_alone(api: Speak, world: World) -> None:
    desk, tech, owner, cashier = (Robot(api(who)) for who in ("desk", "tech", "owner", "cashier"))
    opened = desk.process["open"]["schema"]
    assert {"title", "channel"} <= set(opened["required"])
    made = desk.api.open(project=desk.project, unit="3-2-1201", category=desk.process["categories"][0]["code"])
    number = made.json()["number"]
    desk.do(number, "assess", urgency="P2", payer="owner")
    handler = desk.do(number, "dispatch", handler=world.company.staff["tech"].pk)["handler"]
    assert handler["id"] in {s["id"] for s in desk.process["staff"] if "technician" in s["roles"]}
    for step in ("accept", "arrive", "confirm_scope", "quote"):
        tech.do(number, step)
    owner.do(number, "consent", way="portal")
    tech.do(number, "start")
    assert tech.do(number, "finish", photos_before=[tech.upload()])["state"] == "done"
    owner.do(number, "confirm_amount", way="portal")
    paid = cashier.do(number, "pay")
    assert paid["detail"]["settled_as"] == "paid"
    assert owner.do(number, "rate", rating=4)["state"] == "closed"


def test_choices_are_those_of_ones_own_project(api: Speak) -> None:
    assert api("owner").get("/processes/repair", project="YX").json()["staff"] == []
    assert api("outsider").get("/processes/repair", project="YX").status_code == 404
    several = api("region").get("/processes/repair").json()
    assert (several["staff"], several["prices"]) == ([], [])


def test_categories_speak_the_callers_language(api: Speak) -> None:
    desk = api("desk")
    names = {}
    for language in ("zh-hans", "en"):
        desk.headers["Accept-Language"] = language
        names[language] = [c["name"] for c in desk.get("/processes/repair").json()["categories"]]
    assert names["en"] != names["zh-hans"]
