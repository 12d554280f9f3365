"""What the manager checks every day, and when the brief is sent."""

from typing import Annotated, Final

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field

from steward.kernel.policies import Policy


class CheckPoint(BaseModel):
    """A typed point of the sheet; the code stays when the words change."""

    model_config = ConfigDict(frozen=True)

    code: str
    title: str


POINTS: Final = Policy(
    key="duty.daily_check",
    title=_("Manager's daily check: points"),
    type=tuple[CheckPoint, ...],
    preset=(
        CheckPoint(code="late", title="超时与临期工单已逐单过问"),
        CheckPoint(code="desk", title="前台在岗、仪容、台账"),
        CheckPoint(code="callbacks", title="昨日回访已抽听"),
        CheckPoint(code="fire", title="消防控制室双人值班、主机无故障"),
        CheckPoint(code="lifts", title="电梯运行与维保公示"),
        CheckPoint(code="plant", title="配电房、水泵房巡查记录"),
        CheckPoint(code="clean", title="公共区域保洁与绿化"),
        CheckPoint(code="guards", title="岗亭、巡逻与交接班"),
    ),
    source="MISSION DSK-13: manager's daily check sheet (seeds 000, 004); points are the company's to change",
)

BRIEF_HOUR: Final = Policy(
    key="duty.brief_hour",
    title=_("Daily brief: hour of the morning"),
    type=Annotated[int, Field(ge=0, le=23)],
    preset=7,
    source="MISSION DSK-13: daily brief before the morning meeting",
)
