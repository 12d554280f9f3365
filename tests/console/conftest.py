"""The console as its people see it: signed in through a session, at the hour of the world's clock."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from steward.console import shell
from tests.processes.test_repair_story import to_quoted, to_settling
from tests.world import World


@dataclass
class Browser:
    """One person's browser."""

    client: Client

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.status_code
        text: str = answer.content.decode()
        return text

    def post(self, path: str, data: dict[str, Any], **more: Any) -> Any:
        return self.client.post(path, data, **more)


@pytest.fixture
def at_world_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "now", lambda: world.now)


@pytest.fixture
def sign_in(world: World, at_world_time: None) -> Callable[[str], Browser]:
    def enter(username: str) -> Browser:
        client = Client()
        client.force_login(
            get_user_model().objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
        )
        return Browser(client)

    return enter


SignIn = Callable[[str], Browser]
__all__ = ["Browser", "SignIn", "to_quoted", "to_settling"]
