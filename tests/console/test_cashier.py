import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from steward.console.cashier import digits, quick
from steward.console.rmb import DIGITS, capitals
from steward.registers.billing.models import Charge, Payment
from steward.registers.party.search import reindex
from tests.console.conftest import Browser, SignIn, to_quoted, to_settling
from tests.world import World


def pay(browser: Browser, number: str, **data: Any) -> Any:
    filled = {"client_uuid": str(uuid.uuid4()), "number": number, "method": "cash", "amount": "286.00", **data}
    return browser.post("/cashier/take/", filled)


def charge_of(world: World, number: str) -> Charge:
    return Charge.objects.in_project(world.project_id).get(source=number)


@pytest.mark.parametrize("typed", ["3-2-1201", "王淑芬", "wsf", "13800016621", "6621"])
def test_a_household_is_found_as_it_is_named(world: World, sign_in: SignIn, typed: str) -> None:
    reindex(world.project_id)
    number = to_settling(world)
    page = sign_in("cashier").client.get("/cashier/", {"q": typed}).content.decode()
    assert number in page
    assert "¥286.00" in page
    assert 'data-amount="286.00"' in page


def test_a_case_number_finds_its_charge(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    assert 'data-amount="286.00"' in sign_in("cashier").page(f"/cashier/?q={number.lower()}")


def test_what_is_not_agreed_is_locked_with_the_reason(world: World, sign_in: SignIn) -> None:
    reindex(world.project_id)
    number = to_quoted(world)
    page = sign_in("cashier").client.get("/cashier/", {"q": "3-2-1201"}).content.decode()
    assert number in page
    assert "不可收" in page
    assert "报价待业主同意" in page
    assert "data-till" not in page


def test_cash_gives_change_and_a_receipt(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    cashier = sign_in("cashier")
    answer = pay(cashier, number, tendered="¥1,000.00", payer_name="周晓岚（女儿）")
    assert answer.status_code == 303
    slip = cashier.page(answer["Location"])
    assert "000001" in slip
    assert "714.00" in slip
    assert "周晓岚（女儿）" in slip
    assert "贰佰捌拾陆元整" in slip
    assert "（补打）" not in slip
    again = cashier.page(answer["Location"].partition("?")[0] + "?paper=a4")
    assert "（补打）" in again
    payment = Payment.objects.in_project(world.project_id).get()
    assert (payment.payer_name, payment.tendered) == ("周晓岚（女儿）", Decimal(1000))


def test_too_little_is_said_beside_the_field_and_kept(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    answer = pay(sign_in("cashier"), number, tendered="200", payer_name="周晓岚", charge=charge_of(world, number).pk)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="200"' in text
    assert 'aria-invalid="true"' in text
    assert 'value="周晓岚"' in text
    assert not Payment.objects.in_project(world.project_id).exists()


def test_a_second_payment_names_the_first_receipt(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    cashier, charge = sign_in("cashier"), charge_of(world, number).pk
    pay(cashier, number, charge=charge)
    answer = pay(cashier, number, charge=charge, method="wechat")
    assert answer.status_code == 409
    assert "此款已收：收据 000001" in answer.content.decode()
    world.pass_time(hours=22)
    world.act("butler", number, "callback", outcome="satisfied")
    closed = pay(cashier, number, charge=charge)
    assert closed.status_code == 409
    assert "000001" in closed.content.decode()
    assert Payment.objects.in_project(world.project_id).count() == 1


def test_a_double_click_is_one_payment_and_one_receipt(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    cashier, same = sign_in("cashier"), str(uuid.uuid4())
    first, second = (pay(cashier, number, client_uuid=same) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Payment.objects.in_project(world.project_id).count() == 1


def test_nobody_else_takes_money(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    for username in ("desk", "butler", "headbutler", "tech", "owner", "outsider"):
        assert sign_in(username).get("/cashier/").status_code == 404
        assert pay(sign_in(username), number).status_code == 404
    manager = sign_in("manager").page(f"/cashier/?charge={charge_of(world, number).pk}")
    assert "data-till" not in manager
    assert "/actions/waive/" in manager
    assert pay(sign_in("manager"), number).status_code == 403
    assert not Payment.objects.in_project(world.project_id).exists()


def test_put_on_the_bill(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    data = {"client_uuid": str(uuid.uuid4()), "number": number}
    assert sign_in("manager").post("/cashier/bill/", data).status_code == 403
    assert sign_in("cashier").post("/cashier/bill/", data).status_code == 303
    assert charge_of(world, number).state == "billed"


def test_the_day_counts_by_way_and_cashier(world: World, sign_in: SignIn) -> None:
    first = to_settling(world)
    cashier = sign_in("cashier")
    pay(cashier, first, method="wechat", reference="4200001")
    page = cashier.page("/cashier/day/")
    assert "微信支付" in page
    assert "¥286.00" in page
    assert "许文静" in page
    assert "286.00" not in cashier.page("/cashier/day/?day=2026-11-20")
    assert "286.00" not in sign_in("hq").page("/cashier/day/?day=nonsense").partition("</main>")[2]
    assert sign_in("desk").get("/cashier/day/").status_code == 404


def test_a_receipt_is_for_those_who_handle_money_there(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    url = pay(sign_in("cashier"), number)["Location"].partition("?")[0]
    assert sign_in("manager").get(url).status_code == 200
    for username in ("desk", "outsider", "owner"):
        assert sign_in(username).get(url).status_code == 404
    for odd in ("/cashier/receipts/999999/1/", f"/cashier/receipts/{world.project_id}/{2**40}/"):
        assert sign_in("cashier").get(odd).status_code == 404


def test_odd_addresses_do_no_harm(world: World, sign_in: SignIn) -> None:
    cashier = sign_in("cashier")
    for query in (
        "q=%00",
        "unit=x",
        f"customer={10**30}",
        f"charge={2**60}",
        "unit=999999",
        "customer=999999",
        "q=" + "长" * 300,
    ):
        assert cashier.get(f"/cashier/?{query}").status_code == 200
    for number in ("", "BX-YX-261121-0001\x00", "长" * 300, "BX-YX-261121-9999"):
        assert pay(cashier, number).status_code == 404


def test_as_many_statements_for_thirty_as_for_one(world: World, sign_in: SignIn) -> None:
    reindex(world.project_id)
    number = to_settling(world)
    charge = charge_of(world, number)
    cashier = sign_in("cashier")
    counts = []
    for rows in (30, 0):
        cashier.page("/cashier/?q=3-2-1201")
        with CaptureQueriesContext(connection) as seen:
            cashier.page("/cashier/?q=3-2-1201")
        counts.append(len(seen))
        Charge.objects.bulk_create(
            Charge(
                project_id=charge.project_id,
                source_kind="case",
                source=f"{number}-{n}",
                unit_id=charge.unit_id,
                customer_id=charge.customer_id,
                payer_name="王淑芬",
                description="换角阀",
                amount=Decimal(10),
                raised_at=world.now,
                raised_by="system",
            )
            for n in range(rows)
        )
    assert counts[0] == counts[1] <= 10


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("286", "贰佰捌拾陆元整"),
        ("1093.83", "壹仟零玖拾叁元捌角叁分"),
        ("10.05", "壹拾元零伍分"),
        ("100000001.5", "壹亿零壹元伍角整"),
        ("120030", "壹拾贰万零叁拾元整"),
        ("-3.2", "负叁元贰角整"),
    ],
)
def test_amounts_in_capitals(amount: str, words: str) -> None:
    assert capitals(Decimal(amount)) == words


@given(st.decimals(min_value=0, max_value=Decimal("9999999999.99"), places=2))
def test_capitals_are_never_the_same_for_two_amounts(amount: Decimal) -> None:
    words = capitals(amount)
    assert "零零" not in words
    assert capitals(amount + Decimal("0.01")) != words
    assert any(digit in words for digit in DIGITS)


@given(st.decimals(min_value=Decimal("0.01"), max_value=100_000, places=2))
def test_quick_sums_are_enough(amount: Decimal) -> None:
    sums = quick(amount)
    assert sums == sorted(set(sums))
    assert all(amount <= given for given in sums)
    assert len(sums) <= 4


def test_sums_are_read_as_people_type_them() -> None:
    assert digits("￥１,２３４．50 ") == "1234.50"
    assert digits("abc") == "abc"
