"""The fixed cast and short words for what they do: every test speaks the same names."""

import io
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from steward.cases import engine
from steward.casework.intake import opening
from steward.casework.replays.quarantine import act_or_keep
from steward.demo.cast import Company, build
from steward.kernel.actor import Actor
from steward.kernel.files import store_picture
from steward.registers.org.actors import of_user

#: Saturday 2026-11-21 10:24 in Hangzhou: the hour of the drawn screens.
NOW = datetime(2026, 11, 21, 2, 24, tzinfo=UTC)


def picture(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()


@dataclass
class World:
    """A company with its cast, and a clock that the test moves by hand."""

    company: Company
    now: datetime = NOW
    _actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, username: str) -> Actor:
        if username not in self._actors:
            self._actors[username] = of_user(self.company.users[username])
        return self._actors[username]

    @property
    def project_id(self) -> int:
        return self.company.nodes["YX"].pk

    def pass_time(self, **amount: float) -> datetime:
        self.now += timedelta(**amount)
        return self.now

    def photo(self, who: str, project: str = "YX") -> int:
        stored = store_picture(
            project_id=self.company.nodes[project].pk,
            actor=self.actor(who),
            name="p.png",
            content=picture(),
            client_uuid=uuid.uuid4(),
            at=self.now,
        )
        return stored.pk

    def open(self, who: str = "desk", *, kind: str = "repair", project: str = "YX", **data: Any) -> engine.Outcome:
        data = {"title": "主卧卫生间吊顶滴水", "channel": "phone", **data}
        if project == "YX":
            data.setdefault(
                "unit", "3-2-1201" if who in ("desk", "owner") else "2-1-0304" if who == "tenant" else "3-2-1201"
            )
        return opening.open_case(
            project_id=self.company.nodes[project].pk,
            kind=kind,
            actor=self.actor(who),
            at=self.now,
            client_uuid=data.pop("client_uuid", None) or uuid.uuid4(),
            data=data,
        )

    def act(self, who: str, number: str, action: str, **data: Any) -> engine.Outcome:
        options = {k: data.pop(k) for k in ("client_uuid", "happened_at", "replay", "note") if k in data}
        options.setdefault("client_uuid", uuid.uuid4())
        verb = act_or_keep if options.pop("replay", False) else engine.act
        return verb(
            project_id=data.pop("project_id", self.project_id),
            number=number,
            action=action,
            actor=self.actor(who),
            at=self.now,
            data=data,
            **options,
        )


def build_world() -> World:
    return World(build(at=NOW))
