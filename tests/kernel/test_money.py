from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.kernel.money import yuan
from steward.registers.billing.operations import LineInput

AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=4, allow_nan=False)


@pytest.mark.parametrize(
    ("exact", "rounded"), [("0.025", "0.03"), ("0.035", "0.04"), ("2.675", "2.68"), ("1.0049", "1.00")]
)
def test_halves_go_up(exact: str, rounded: str) -> None:
    assert yuan(Decimal(exact)) == Decimal(rounded)


@given(AMOUNTS)
def test_within_half_a_cent_and_never_below_it(amount: Decimal) -> None:
    assert -Decimal("0.005") < yuan(amount) - amount <= Decimal("0.005")


def test_a_line_rounds_like_the_cashier() -> None:
    assert LineInput("半卷", Decimal("0.50"), Decimal("0.05")).amount == Decimal("0.03")
