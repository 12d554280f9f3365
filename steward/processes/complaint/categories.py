"""The two-level categories of complaints as shipped (DOMAIN-RULES 1.4): codes, not yet a project's own words."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.models import Category
from steward.casework.categories import categories
from steward.casework.categorizing import SUBJECT, may_change
from steward.kernel import reference
from steward.kernel.actor import Actor
from steward.kernel.audit import record
from steward.kernel.db import write
from steward.kernel.errors import NotAllowedError

KIND: Final = "complaint"
#: code → (Chinese, English, its second level as (Chinese, English)).
TREE: Final = {
    "A": ("房屋质量", "House and quality", (("渗漏", "Leak"), ("开裂空鼓", "Cracks, plaster"), ("门窗", "Doors and windows"), ("公共部位", "Common parts"), ("开发遗留", "Developer’s legacy"))),
    "B": ("设施设备", "Equipment", (("电梯", "Lift"), ("供水", "Water"), ("供电照明", "Power and lighting"), ("暖通空调", "Heating and cooling"), ("消防设施", "Fire system"), ("门禁对讲", "Access and intercom"), ("停车设备", "Parking equipment"))),
    "C": ("秩序安全", "Order and safety", (("出入管理", "Access control"), ("巡逻与失窃", "Patrol and theft"), ("车辆停放", "Vehicles and parking"), ("消防通道与电动车", "Fire lanes and e-bikes"), ("高空抛物", "Falling objects"), ("应急处置", "Emergencies"))),
    "D": ("环境", "Environment", (("保洁", "Cleaning"), ("垃圾", "Waste"), ("绿化", "Greening"), ("虫害", "Pests"), ("异味与设备噪声", "Odour and plant noise"))),
    "E": ("客户服务", "Customer service", (("服务态度", "Attitude"), ("无回应或迟缓", "No answer, or late"), ("信息告知", "Information"), ("办事流程", "Procedure"), ("快递钥匙通行证", "Parcels, keys, passes"))),
    "F": ("维修服务", "Repair service", (("维修不及时", "Late"), ("质量与返修", "Quality and rework"), ("维修价格", "Price"), ("现场未清理", "Site left dirty"))),
    "G": ("收费", "Charges", (("收费标准", "Standard"), ("账单错误", "Bill error"), ("抄表与分摊", "Metering and shares"), ("押金退还", "Deposits"), ("收费公示", "Transparency"))),
    "H": ("装修", "Renovation", (("噪声与时段", "Noise and hours"), ("结构改动", "Structure"), ("装修垃圾", "Waste"), ("损及邻居", "Damage to neighbours"))),
    "J": ("邻里宠物", "Neighbours and pets", (("噪声扰民", "Noise"), ("宠物", "Pets"), ("户间漏水", "Water between flats"), ("占用公共区域", "Common areas occupied"))),
    "K": ("业委会与维修资金", "Owners’ affairs", (("维修资金", "Fund"), ("公共收益", "Common income"), ("合同与进退场", "Contract, entry and exit"))),
    "Z": ("非物业职责", "Not ours", (("市政公用", "Utilities"), ("政府职能", "Government"), ("商业第三方", "Commercial third parties"))),
}  # fmt: skip


def load_categories(*, actor: Actor, at: datetime) -> int:
    """Write those that are not there yet, and hang the second level under the first; returns how many are new."""
    if not may_change(actor, None):
        raise NotAllowedError(_("This is decided by whoever leads the place."), rule="settings.decider")
    with write():
        reference.hold()
        known = {c.code: c for c in Category.objects.filter(kind=KIND, node=None)}
        before = len(known)
        for place, (code, (name, english, below)) in enumerate(TREE.items()):
            parent = known.get(code) or _add(code, name, english, 100 * place, None)
            known[code] = parent
            for n, (own, own_english) in enumerate(below, 1):
                if f"{code}{n}" not in known:
                    known[f"{code}{n}"] = _add(f"{code}{n}", own, own_english, 100 * place + n, parent)
        fresh = list(known)[before:]
        if fresh:
            _told(fresh, actor, at)
    return len(fresh)


def missing() -> bool:
    """Whether something of what is shipped is not there; what was retired was there."""
    have = {c.code for c in categories().values() if c.kind == KIND and c.node_id is None}
    return not have >= {*TREE, *(f"{code}{n}" for code, row in TREE.items() for n in range(1, len(row[2]) + 1))}


def _told(fresh: list[str], actor: Actor, at: datetime) -> None:
    record(
        project_id=None,
        actor=actor,
        at=at,
        what="category.preset",
        subject_kind=SUBJECT,
        subject_id=KIND,
        after={"added": fresh},
    )
    reference.bump()


def _add(code: str, name: str, english: str, position: int, parent: Category | None) -> Category:
    return Category.objects.create(
        kind=KIND, code=code, name=name, name_en=english, urgency="", position=position, parent=parent
    )
