"""What a browser may load: said once, with every answer."""

import pytest
from django.test import Client

from tests.world import World


@pytest.mark.parametrize("path", ["/sign-in/", "/api/v1/me", "/no-such-page"])
def test_every_answer_says_what_may_be_loaded(world: World, client: Client, path: str) -> None:
    policy = client.get(path).headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
