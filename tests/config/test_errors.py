"""Errors speak the reader's language, tell nothing about the data, and come out whatever fails."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from config import errors

pytestmark = pytest.mark.django_db


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret of the house")


def form(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("saved")


urlpatterns = [path("broken", broken), path("api/v1/broken", broken), path("form", form)]
handler404 = errors.not_found
handler500 = errors.failed


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@override_settings(ROOT_URLCONF=__name__)
def test_a_missing_page_is_explained_in_chinese_and_in_english(browser: Client) -> None:
    chinese = browser.get("/nothing")
    english = browser.get("/nothing", headers={"accept-language": "en"})
    assert chinese.status_code == english.status_code == 404
    assert "这里没有找到内容。" in chinese.content.decode()
    assert "Nothing was found here." in english.content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_the_api_gets_json(browser: Client) -> None:
    missing, failed = browser.get("/api/v1/nothing"), browser.get("/api/v1/broken")
    assert (missing.status_code, failed.status_code) == (404, 500)
    assert missing.json()["detail"].startswith("这里没有找到内容。")
    assert "secret" not in failed.content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_a_fault_tells_nothing_of_itself(browser: Client) -> None:
    answer = browser.get("/broken")
    assert answer.status_code == 500
    assert "系统出了点问题。" in answer.content.decode()
    assert "secret" not in answer.content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_a_fault_in_the_error_page_still_answers(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "render", broken)
    answer = browser.get("/broken")
    assert answer.status_code == 500
    assert answer.content.decode().startswith("系统出了点问题。")


@override_settings(ROOT_URLCONF=__name__)
def test_a_form_without_its_token_is_refused_in_words(browser: Client) -> None:
    answer = browser.post("/form")
    assert answer.status_code == 403
    assert "页面打开太久，已经失效。" in answer.content.decode()
