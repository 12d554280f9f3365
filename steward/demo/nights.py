"""Who is on call in the demo: nine nights, one of them without an electrician."""

from datetime import datetime, timedelta
from typing import Final

from steward.demo.cast import Company
from steward.registers.org.actors import of_user
from steward.registers.workforce.oncall import Entry, duty_date, set_on_call

NIGHTS: Final = 9
#: (first, second, stand-in of the first) in turn; the fourth night has nobody who knows power.
TURNS: Final = (
    ("tech", "yx_tech4", "yx_tech3"),
    ("yx_tech3", "tech2", "tech"),
    ("yx_tech4", "tech", ""),
    ("tech2", "", ""),
)


def fill(company: Company, *, at: datetime) -> None:
    project_id, actor = company.nodes["YX"].pk, of_user(company.users["manager"])
    first = duty_date(project_id, at)
    for n in range(NIGHTS):
        man, second, instead = (company.staff[u].pk if u else None for u in TURNS[n % len(TURNS)])
        chief = company.staff["manager" if n % 2 == 0 else "headbutler"].pk
        entries = {
            "technician": Entry(man, stand_in_id=instead),
            "second": Entry(second),
            "manager": Entry(chief),
            "guard": Entry(None, "监控中心", "0571-88010009"),
            "lift": Entry(None, "东方电梯维保", "400-800-1234"),
        }
        set_on_call(project_id=project_id, day=first + timedelta(days=n), entries=entries, actor=actor, at=at)
