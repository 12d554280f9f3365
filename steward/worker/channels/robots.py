"""Robots of WeCom, DingTalk and Feishu groups.

Address, key and DingTalk's signature are apprise's. The answer is read here: a robot refuses with HTTP 200 and a
code in the body, which apprise 2.2 takes for delivered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
from django.conf import settings

from steward.kernel.models import Outbox
from steward.kernel.outbox import RefusedError, UnclearError, handles
from steward.registers.messaging.models import Via
from steward.registers.messaging.ways import robot_of
from steward.registers.org.tree import place
from steward.worker.channels.joining import join_waiting

TIMEOUT: Final = 10.0
#: Characters of one text; WeCom allows 2048 bytes.
LONGEST: Final = 600


class RobotError(Exception):
    """Not taken now; worth another try."""


@dataclass(frozen=True)
class Robot:
    """``busy``: codes of a robot that was asked too often or is out of order for the moment."""

    host: str
    busy: frozenset[int]


ROBOTS: Final[Mapping[str, Robot]] = {
    Via.WECOM: Robot("https://qyapi.weixin.qq.com", frozenset({-1, 45009})),
    Via.DINGTALK: Robot("https://oapi.dingtalk.com", frozenset({-1, 130101, 410100})),
    Via.FEISHU: Robot("https://open.feishu.cn", frozenset({11232, 11233})),
}


@handles("message", channel=Via.WECOM, resends=False)
@handles("message", channel=Via.DINGTALK, resends=False)
@handles("message", channel=Via.FEISHU, resends=False)
def say_in_group(row: Outbox, at: datetime) -> None:
    """Raises RefusedError, RobotError (tried again) or UnclearError: a robot cannot be asked, nor fold a second copy."""
    key = robot_of(place(row.project_id), row.channel)
    if not key:
        raise RefusedError("no robot is set up for this project")
    join_waiting(row, at)
    text = f"{row.subject}\n{row.body}"[:LONGEST]
    url, body = _request(row.channel, key, text)
    try:
        answer = httpx.post(url, json=body, timeout=TIMEOUT, trust_env=False)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise RobotError(f"nobody answers: {type(error).__name__}") from error
    except httpx.TransportError as error:
        raise UnclearError(f"cut off while sending: {type(error).__name__}") from error
    _judge(answer, ROBOTS[row.channel])


def _request(via: str, key: str, text: str) -> tuple[str, dict[str, Any]]:
    from apprise.plugins.dingtalk import NotifyDingTalk  # noqa: PLC0415  loads for a second
    from apprise.plugins.feishu import NotifyFeishu  # noqa: PLC0415
    from apprise.plugins.wecombot import NotifyWeComBot  # noqa: PLC0415

    if via == Via.WECOM:
        return _moved(via, NotifyWeComBot(key=key).api_url), {"msgtype": "text", "text": {"content": text}}
    if via == Via.FEISHU:
        url = NotifyFeishu.notify_url.format(token=NotifyFeishu(token=key).token)
        return _moved(via, url), {"msg_type": "text", "content": {"text": text}}
    secret, _at, token = key.rpartition("@")
    robot = NotifyDingTalk(token=token, secret=secret or None)
    url = _moved(via, robot.notify_url.format(token=robot.token))
    body = {"msgtype": "text", "text": {"content": text}}
    if not secret:
        return url, body
    stamp, sign = robot.get_signature()
    return f"{url}&timestamp={stamp}&sign={sign}", body


def _moved(via: str, url: str) -> str:
    """To a company's own installation, where one is named."""
    host = ROBOTS[via].host
    return url.replace(host, settings.ROBOT_HOSTS.get(via, host), 1)


def _judge(answer: httpx.Response, robot: Robot) -> None:
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise RobotError(f"HTTP {answer.status_code}")
    if not answer.is_success:
        raise RefusedError(f"HTTP {answer.status_code}")
    try:
        told = answer.json()
        code = told.get("errcode", told.get("code", told.get("StatusCode")))
    except (ValueError, AttributeError):
        code = None
    if not isinstance(code, int):
        raise UnclearError(f"an answer nobody understands: {answer.text[:200]}")
    if code in robot.busy:
        raise RobotError(f"busy: {answer.text[:200]}")
    if code:
        raise RefusedError(f"refused: {answer.text[:200]}")
