"""The figures of the rules, copied by hand from docs/rules.md, docs/processes and DOMAIN-RULES 1.2, 2.1 and 3."""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Final

from tests.week.times import EVERY_DAY, WORKDAYS, Span

HOUR: Final = 60
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
EIGHT_TO_EIGHT: Final[tuple[Span, ...]] = ((time(8), time(20)),)
OFFICE: Final[tuple[Span, ...]] = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))
#: Warned at 80 %, then accountable, manager, region (DOMAIN-RULES 1.3).
SHARES: Final = (Decimal("0.8"), Decimal(1), Decimal("1.5"), Decimal(2))
LADDER: Final = ("warned", "accountable", "manager", "region")
#: A hand-over is the manager's from the moment it is late, then the region's.
HANDOVER_SHARES: Final = (Decimal("0.8"), Decimal(1), Decimal(2))
HANDOVER_LADDER: Final = ("receiver", "manager", "region")


@dataclass(frozen=True)
class Allowance:
    minutes: int
    #: Hours of the day; empty: natural time.
    working: tuple[Span, ...] = ()
    days: int = WORKDAYS


#: None: planned work is done as agreed.
ALLOWANCES: Final[dict[tuple[str, str], dict[str, Allowance | None]]] = {
    ("repair", "response"): {
        "P0": Allowance(3),
        "P1": Allowance(15),
        "P3": Allowance(DAY),
        "": Allowance(30, EIGHT_TO_EIGHT, EVERY_DAY),
    },
    ("repair", "arrival"): {
        "P0": Allowance(5),
        "P1": Allowance(30),
        "P3": None,
        "": Allowance(8 * HOUR, EIGHT_TO_EIGHT, EVERY_DAY),
    },
    ("repair", "completion"): {"P0": Allowance(2 * HOUR), "P1": Allowance(DAY), "P3": None, "": Allowance(2 * DAY)},
    ("repair", "consent"): {"P0": Allowance(30), "P1": Allowance(90), "": Allowance(DAY)},
    ("repair", "approval"): {
        "P0": Allowance(15),
        "P1": Allowance(30),
        "": Allowance(4 * HOUR, EIGHT_TO_EIGHT, EVERY_DAY),
    },
    ("repair", "acceptance"): {"": Allowance(DAY)},
    ("repair", "callback"): {"P0": Allowance(DAY), "P1": Allowance(DAY), "": Allowance(WEEK)},
    ("repair", "payment"): {"": Allowance(WEEK)},
    ("complaint", "acknowledge"): {"": Allowance(2 * HOUR)},
    ("complaint", "answer"): {"": Allowance(DAY)},
    ("complaint", "solution"): {"": Allowance(2 * DAY)},
    ("complaint", "callback"): {"": Allowance(WEEK)},
    ("inquiry", "answer"): {"": Allowance(DAY)},
    ("suggestion", "answer"): {"": Allowance(WEEK)},
    ("praise", "pass_on"): {"": Allowance(3 * DAY)},
    ("service_order", "arrange"): {"": Allowance(4 * HOUR, EIGHT_TO_EIGHT, EVERY_DAY)},
    ("service_order", "callback"): {"": Allowance(WEEK)},
    # The next word to the customer (DSK15-1, DSK15-5): the same for every kind.
    ("", "silence"): {
        "P0": Allowance(30),
        "P1": Allowance(2 * HOUR),
        "P3": Allowance(36 * HOUR, EIGHT_TO_EIGHT, EVERY_DAY),
        "": Allowance(12 * HOUR, EIGHT_TO_EIGHT, EVERY_DAY),
    },
    # The desk works on Saturday and Sunday too.
    ("", "handover"): {"P0": Allowance(10), "P1": Allowance(30), "": Allowance(4 * HOUR, EIGHT_TO_EIGHT, EVERY_DAY)},
    ("", "subtask"): {
        "P0": Allowance(30),
        "P1": Allowance(4 * HOUR),
        "P3": Allowance(72 * HOUR),
        "": Allowance(24 * HOUR),
    },
    # Asked of the region or of head office: two working days.
    ("", "subtask_upward"): {"P0": Allowance(2 * HOUR), "P1": Allowance(8 * HOUR), "": Allowance(16 * HOUR, OFFICE)},
}
#: Only waiting for the customer, for parts, for others or for the weather stops a clock; a lack of staff does not.
PAUSING: Final = frozenset({"parts", "customer", "access", "weather", "third_party"})
#: Steps of ours that the customer sees: each is a word, as is every message to him (DSK15-1).
SEEN: Final = {
    "repair": frozenset(
        {
            "take",
            "accept",
            "arrive",
            "contain",
            "confirm_scope",
            "approve_quote",
            "consent",
            "decline_quote",
            "start",
            "suspend",
            "resume",
            "finish",
            "confirm_amount",
            "cancel",
            "tell",
            "update",
            "reopen",
        }
    ),
    "complaint": frozenset({"answer", "approve_plan", "cancel", "tell", "update", "reopen"}),
    "inquiry": frozenset({"answer", "ask_again", "update"}),
    "suggestion": frozenset({"answer", "cancel", "update"}),
    "praise": frozenset({"pass_on", "update"}),
    "service_order": frozenset({"arrange", "finish", "cancel", "tell", "update"}),
}
PAUSED_ON_HOLD: Final = frozenset({"arrival", "consent", "completion"})

#: Customers are not called then (DSK-9), and not messaged at night unless it is urgent (PLT-2).
NO_CALLS: Final[tuple[Span, ...]] = ((time(12), time(14)), (time(20), time(8, 30)))
NIGHT: Final[Span] = (time(22), time(8))
URGENT: Final = frozenset({"P0", "P1"})
#: What reaches a colleague outside the app, at any hour (PLT2-8, PLT2-9).
DANGER: Final = "P0"
LEAVES_FROM_STAGE: Final = 2
TRIES: Final = 3
URGENT_GAP_HOURS: Final = 3
MERGE_MINUTES: Final = 5

#: Urgency by category where the desk says nothing.
CATEGORIES: Final = {
    "water": "P2",
    "leak": "P1",
    "power": "P2",
    "heating": "P2",
    "door": "P2",
    "drain": "P1",
    "lift": "P0",
    "intercom": "P2",
    "wall": "P2",
    "public": "P2",
    "other": "P3",
}
#: Called about again after the first rain: 72 h from the first calling time of the next day; without rain 90 days.
AFTER_RAIN: Final = frozenset({"wall"})
RAIN_HOURS: Final = 72
RAIN_FALLBACK_DAYS: Final = 90
#: Less is a drizzle that shows nothing.
RAIN_FROM: Final = Decimal(2)

#: An incident: whoever answers for it is asked for news so long before the promised end, or after so long a silence.
NEWS_BEFORE_MINUTES: Final = 15
NEWS_SILENT_HOURS: Final = 2

#: Who hears of a serious complaint at once (DOMAIN-RULES 1.3); the managers' brief comes before the morning meeting.
SEVERE: Final = {
    "important": ("manager",),
    "major": ("manager", "region", "hq"),
    "hot": ("manager", "region"),
    "collective": ("manager", "region", "hq"),
}
BRIEF_HOUR: Final = 7

PRICES: Final = {
    "CALL": Decimal(30),
    "L-PLUMB": Decimal(180),
    "L-VALVE": Decimal(60),
    "L-LAMP": Decimal(40),
    "L-FAUCET": Decimal(50),
    "P-DN20": Decimal(38),
    "P-VALVE": Decimal(45),
    "P-FAUCET": Decimal(168),
    "F-UNCLOG": Decimal(80),
    "F-LOCK": Decimal(150),
    "S-CLEAN": Decimal(50),
    "S-GLASS": Decimal(8),
    "S-MOVE": Decimal(30),
    "S-WATER": Decimal(15),
}
FLAT: Final = frozenset({"F-UNCLOG", "F-LOCK"})
#: A quote above it goes to the manager first.
APPROVED_ABOVE: Final = Decimal(2000)
#: Decided by the manager, who is warned first.
MANAGERS: Final = frozenset({"approval"})
CUSTOMER_PAYS: Final = frozenset({"owner", "orderer"})


def allowance(kind: str, key: str, urgency: str) -> Allowance | None:
    table = ALLOWANCES.get((kind, key)) or ALLOWANCES["", key]
    return table[urgency] if urgency in table else table[""]
