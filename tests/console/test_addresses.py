"""Addresses that name nothing."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_resolver

from tests.console.conftest import SignIn
from tests.world import World


def routes(patterns: Any, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = f"{before}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def test_an_address_with_a_nul_is_no_page(world: World, sign_in: SignIn) -> None:
    """PostgreSQL raises on it, wherever it is looked up."""
    desk = sign_in("hq")
    wanted = [r for r in routes(get_resolver().url_patterns) if "<str:" in r and not r.startswith("api/")]
    assert len(wanted) > 10
    for route in wanted:
        path = re.sub(r"<int:[^>]+>", "1", re.sub(r"<slug:[^>]+>", "repair", re.sub(r"<str:[^>]+>", "A%00B", route)))
        for answer in (desk.get(f"/{path}"), desk.post(f"/{path}", {})):
            assert answer.status_code == 404, path


LISTS = ("/cases/", "/customers/", "/audit/", "/messages/", "/settings/people/", "/settings/contractors/", "/find/")


@pytest.mark.parametrize("path", LISTS)
def test_what_is_asked_for_with_a_nul_is_asked_for_without(sign_in: SignIn, path: str) -> None:
    answer = sign_in("manager").get(f"{path}?q=%00zz&who=%00zz&case=%00zz&node=%00")
    assert answer.status_code in (200, 302)
