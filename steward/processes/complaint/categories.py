"""The two-level categories of complaints as shipped (DOMAIN-RULES 1.4): codes, not yet a company's own words."""

from steward.casework.shipped import Shipped, ship

ship(
    "complaint",
    Shipped("A", "房屋质量", "House and quality", below=(("渗漏", "Leak"), ("开裂空鼓", "Cracks, plaster"), ("门窗", "Doors and windows"), ("公共部位", "Common parts"), ("开发遗留", "Developer’s legacy"))),
    Shipped("B", "设施设备", "Equipment", below=(("电梯", "Lift"), ("供水", "Water"), ("供电照明", "Power and lighting"), ("暖通空调", "Heating and cooling"), ("消防设施", "Fire system"), ("门禁对讲", "Access and intercom"), ("停车设备", "Parking equipment"))),
    Shipped("C", "秩序安全", "Order and safety", below=(("出入管理", "Access control"), ("巡逻与失窃", "Patrol and theft"), ("车辆停放", "Vehicles and parking"), ("消防通道与电动车", "Fire lanes and e-bikes"), ("高空抛物", "Falling objects"), ("应急处置", "Emergencies"))),
    Shipped("D", "环境", "Environment", below=(("保洁", "Cleaning"), ("垃圾", "Waste"), ("绿化", "Greening"), ("虫害", "Pests"), ("异味与设备噪声", "Odour and plant noise"))),
    Shipped("E", "客户服务", "Customer service", below=(("服务态度", "Attitude"), ("无回应或迟缓", "No answer, or late"), ("信息告知", "Information"), ("办事流程", "Procedure"), ("快递钥匙通行证", "Parcels, keys, passes"))),
    Shipped("F", "维修服务", "Repair service", below=(("维修不及时", "Late"), ("质量与返修", "Quality and rework"), ("维修价格", "Price"), ("现场未清理", "Site left dirty"))),
    Shipped("G", "收费", "Charges", below=(("收费标准", "Standard"), ("账单错误", "Bill error"), ("抄表与分摊", "Metering and shares"), ("押金退还", "Deposits"), ("收费公示", "Transparency"))),
    Shipped("H", "装修", "Renovation", below=(("噪声与时段", "Noise and hours"), ("结构改动", "Structure"), ("装修垃圾", "Waste"), ("损及邻居", "Damage to neighbours"))),
    Shipped("J", "邻里宠物", "Neighbours and pets", below=(("噪声扰民", "Noise"), ("宠物", "Pets"), ("户间漏水", "Water between flats"), ("占用公共区域", "Common areas occupied"))),
    Shipped("K", "业委会与维修资金", "Owners’ affairs", below=(("维修资金", "Fund"), ("公共收益", "Common income"), ("合同与进退场", "Contract, entry and exit"))),
    Shipped("Z", "非物业职责", "Not ours", below=(("市政公用", "Utilities"), ("政府职能", "Government"), ("商业第三方", "Commercial third parties"))),
)  # fmt: skip
