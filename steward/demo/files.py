"""A few customers' files as a real desk keeps them: care, family, cars, key customers, consents, a request."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from steward.demo.cast import Company
from steward.registers.org.actors import of_user
from steward.registers.party.models import Contact, Customer
from steward.registers.party.verbs import perform

SPACE: Final = uuid.UUID("5f0a6f57-0f0b-4a53-9b34-6f0d1c7a2e10")
#: (days ago, who, verb, input) on the file of the owner of 3-2-1201.
OF_THE_OWNER: Final[tuple[tuple[int, str, str, Mapping[str, Any]], ...]] = (
    (60, "desk", "correct", {"salutation": "王阿姨", "reach_note": "先打电话，说慢些；12:00–14:30 勿扰"}),
    (60, "desk", "correct", {"id_number": "330106195203041228"}),
    (60, "desk", "consent", {"purpose": "family", "how": "paper"}),
    (60, "desk", "add_flag", {"kind": "hearing", "note": "按铃两次", "agreed": "paper"}),
    (59, "desk", "add_flag", {"kind": "elderly", "note": "74 岁，9–17 点独自在家"}),
    (59, "desk", "withdraw", {"purpose": "marketing", "how": "phone"}),
    (58, "desk", "add_contact", {"name": "顾建平", "relation": "女婿", "phone": "13700005580", "use": "emergency"}),
    (58, "desk", "add_contact", {"name": "杨阿姨", "relation": "钟点工", "use": "access"}),
    (45, "butler", "add_vehicle", {"plate": "浙A362K5", "note": "白色轿车，女儿使用"}),
    (40, "headbutler", "classify", {"value_class": "A"}),
    (24, "butler", "met", {"kind": "visit", "note": "季度走访：希望 2 单元门口加扶手，已转工程"}),
    (6, "butler", "met", {"kind": "call", "note": "电话问候，地暖正常"}),
    (3, "desk", "request", {"kind": "access", "how": "phone", "text": "想看看你们登记了我哪些信息"}),
)


def fill(company: Company, *, at: datetime) -> None:
    owner = company.customers["owner"]
    for n, (days, who, name, raw) in enumerate(OF_THE_OWNER):
        _do(company, owner, n, who, name, raw, at - timedelta(days=days))
    contact = Contact.objects.in_project(owner.project_id).filter(customer=owner, name="周晓岚").first()
    if contact is not None:
        power = {"contact": contact.pk, "matter": "quotes", "also": "payment", "how": "paper"}
        _do(company, owner, 50, "desk", "grant_power", power, at - timedelta(days=57))
        helps = {"kind": "child_helps", "note": "缴费找女儿", "contact": contact.pk}
        _do(company, owner, 51, "desk", "add_flag", helps, at - timedelta(days=57))
    plan = {
        "plan": "每季上门走访一次，地暖季前免费检查",
        "responsible": company.staff["butler"].pk,
        "review_on": f"{at + timedelta(days=40):%Y-%m-%d}",
    }
    _do(company, owner, 52, "headbutler", "make_key", plan, at - timedelta(days=40))


def _do(
    company: Company, customer: Customer, n: int, who: str, name: str, raw: Mapping[str, Any], at: datetime
) -> None:
    perform(
        project_id=customer.project_id,
        customer_id=customer.pk,
        verb=name,
        actor=of_user(company.users[who]),
        at=at,
        client_uuid=uuid.uuid5(SPACE, f"{customer.pk}:{n}"),
        raw=raw,
    )
