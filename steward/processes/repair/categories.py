"""Repairs as shipped, in the order of the keys at intake: how urgent they are taken, and who is sent."""

from steward.cases.models import Urgency
from steward.casework.shipped import Shipped, ship
from steward.registers.workforce.models import Skill

ship(
    "repair",
    Shipped("water", "给排水", "Water and drains", Urgency.P2, Skill.PLUMBING),
    Shipped("leak", "漏水", "Leak", Urgency.P1, Skill.PLUMBING, is_leak=True),
    Shipped("power", "电气照明", "Power and lighting", Urgency.P2, Skill.ELECTRICAL),
    Shipped("heating", "暖通空调", "Heating and cooling", Urgency.P2, Skill.HVAC),
    Shipped("door", "门窗锁具", "Doors, windows, locks", Urgency.P2, Skill.CARPENTRY),
    Shipped("drain", "下水堵塞", "Blocked drain", Urgency.P1, Skill.PLUMBING),
    Shipped("lift", "电梯", "Lift", Urgency.P0),
    Shipped("wall", "墙面屋面渗漏", "Roof and wall leak", Urgency.P2, Skill.MASONRY, is_leak=True),
    Shipped("intercom", "门禁对讲", "Intercom and access", Urgency.P2, Skill.ELECTRICAL),
    Shipped("public", "公共设施", "Common parts", Urgency.P2),
    Shipped("other", "其他", "Other", Urgency.P3),
)
