"""The shipped catalogue of posts: every post that MISSION ORG-2 names, and the three levels of management above them.

Rows: code, Chinese and English name, department, who it reports to, roles, duties, authority, qualifications.
"""

from typing import Final, NamedTuple

from steward.kernel.actor import Role
from steward.registers.org.posts_models import DepartmentKind

S, E, G = DepartmentKind.SERVICE, DepartmentKind.ENGINEERING, DepartmentKind.SECURITY
V, F, H = DepartmentKind.ENVIRONMENT, DepartmentKind.FINANCE, DepartmentKind.HR


class Shipped(NamedTuple):
    code: str
    name: str
    name_en: str
    department: DepartmentKind
    reports_to: str
    roles: tuple[Role, ...]
    duties: str
    authority: str = ""
    qualifications: str = ""


TECHNICIAN: Final = (Role.TECHNICIAN,)
#: Sees to repairs, and accepts what colleagues did on the common parts.
ENGINEER: Final = (Role.TECHNICIAN, Role.ENGINEER)
DESK: Final = (Role.DESK,)
LEADER: Final = (Role.HEAD_BUTLER,)

POSTS: Final[tuple[Shipped, ...]] = (
    Shipped("hq_service_director", "总部客服总监", "Head of customer service", S, "", (Role.HQ,),
            "定服务标准，督办升级到总部的投诉，每月复盘各区域数据。", "可调整全公司的时限、回访和价格规则。", "物业客服管理八年以上。"),
    Shipped("regional_director", "区域总监", "Regional director", S, "hq_service_director", (Role.REGION,),
            "管理区域内各项目，处理升级到区域的工单，任免项目经理。", "可调整本区域的规则，指定工单负责人。", "项目经理五年以上。"),
    Shipped("project_manager", "项目经理", "Project manager", S, "regional_director", (Role.MANAGER,),
            "对项目的服务、安全和收支负总责，每天检查超时和投诉。", "可指定工单负责人、划分责任区域、任用项目员工。", "持项目经理证，同类项目三年以上。"),
    Shipped("service_manager", "客户服务中心经理", "Service-centre manager", S, "project_manager", LEADER,
            "带领服务中心，审核投诉答复，组织走访和满意度调查。", "可调配前台与管家，决定一般投诉的补偿方案。", "客服主管两年以上，沟通与写作俱佳。"),
    Shipped("service_supervisor", "客户服务主管", "Service-centre supervisor", S, "service_manager", LEADER,
            "安排班次，抽查受理和回访记录，跟进未结工单。", "可改派工单，可批准服务承诺的延期。", "客服工作两年以上。"),
    Shipped("duty_manager", "总值", "Duty manager", S, "service_manager", LEADER,
            "值班期间代表项目处理突发事件，巡查各岗，交班写清未了事项。", "值班期间可调动各部门当班人员，可启动应急预案。", "主管级以上，经应急演练考核。"),
    Shipped("service_assistant", "客户服务助理", "Service-centre assistant", S, "service_supervisor", DESK,
            "跟单、回访、通知发放，协助主管整理周报。", "可催办各部门，可为工单申请延期。", "一年以上服务业经验。"),
    Shipped("front_desk", "前台", "Front desk", S, "service_supervisor", DESK,
            "接待来访来电，首问负责，登记、派单并答复进度。", "可对紧急报修直接派工。", "普通话标准，打字每分钟六十字以上。"),
    Shipped("clerk", "文员", "Clerk", S, "service_supervisor", DESK,
            "补录纸面单据，制作通知和登记簿，管理办公用品。", "可退回填写不全的单据。", "熟练使用办公软件。"),
    Shipped("mail_clerk", "收发员", "Mail clerk", S, "service_supervisor", (),
            "登记、分发信件和包裹，挂号件凭签收领取。", "可拒收无人认领的到付件。", "细心，能上早班。"),
    Shipped("lift_attendant", "电梯服务员", "Lift attendant", S, "service_supervisor", (),
            "迎送乘客，留意轿厢异常，困人时安抚并呼救。", "可因异常停用电梯并报监控室。", "经电梯安全管理培训。"),
    Shipped("leasing_assistant", "租务助理", "Leasing assistant", S, "service_manager", DESK,
            "带看、办理进退租手续，跟进租户报事。", "可退回资料不全的进退租申请。", "熟悉租赁合同。"),
    Shipped("environment_assistant", "环境绿化助理", "Environment and greening assistant", V, "service_manager", DESK,
            "巡查保洁、绿化和消杀质量，督促外判单位整改。", "可向外判单位开整改单。", "了解保洁与园艺常识。"),
    Shipped("community_assistant", "社区文化助理", "Community-culture assistant", S, "service_manager", DESK,
            "策划节庆和邻里活动，管理活动场地与业主群。", "可在批准的预算内安排活动和场地。", "善于组织活动。"),
    Shipped("head_butler", "大管家", "Head butler", S, "service_manager", LEADER,
            "带领管家团队，安排替班，主持疑难工单的协商。", "可在管家之间调配工单和责任区域内的走访。", "管家三年以上。"),
    Shipped("butler", "管家", "Butler", S, "head_butler", (Role.BUTLER,),
            "负责责任区域内业户的报事、走访、回访和关怀。", "可为业户请求派工和延期。", "大专以上，亲和力强。"),
    Shipped("butler_assistant", "管家助理", "Butler assistant", S, "butler", (Role.BUTLER,),
            "协助管家走访和跟单，管家休假时替班。", "替班期间行使管家的权限。", "一年以上服务业经验。"),
    Shipped("archivist", "档案管理员", "Archivist", S, "service_manager", (),
            "收集、编号、保管业户和工程档案，办理借阅。", "可拒绝手续不全的借阅。", "档案管理培训合格。"),
    Shipped("handover_guide", "交楼引导员", "Handover guide", S, "service_manager", (),
            "陪同业主验房，记录缺陷，讲解设施使用。", "对有争议的项目可暂缓签收并报主管。", "熟悉户型和验房要点。"),
    Shipped("cashier", "收银员", "Cashier", F, "project_manager", (Role.CASHIER,),
            "收费、开收据、日结对账，现金当日存行。", "可拒收手续不清的款项。", "会计从业经历，不兼任现场岗位。"),
    Shipped("hr_officer", "人事行政专员", "Human-resources officer", H, "project_manager", (),
            "办理入职、离职和岗位变动手续，保管员工证件复印件，组织培训考核。", "可退回证件不全的入职申请。", "熟悉劳动用工法规。"),
    Shipped("engineering_manager", "工程经理", "Engineering manager", E, "project_manager", (*ENGINEER, Role.DESK),
            "安排维修和保养，审核工程报价，管理设备台账。", "可派工、改派，可停用有危险的设备。", "工程师职称，高压与特种设备管理经验。"),
    Shipped("duty_engineer", "值班工程师", "Duty engineer", E, "engineering_manager", ENGINEER,
            "值班期间处理设备故障，记录运行参数，夜间响应报修。", "可紧急断水断电并立即报告总值。", "持高压或低压电工证。"),
    Shipped("civil_technician", "土建维修工", "Civil technician", E, "engineering_manager", TECHNICIAN,
            "墙面、屋面、门窗和防水的维修。", "发现结构险情可先行围挡封闭。", "三年以上土建维修经验。"),
    Shipped("hv_electrician", "强电工", "High-voltage electrician", E, "engineering_manager", TECHNICIAN,
            "变配电室的运行、巡视和倒闸操作，照明与动力线路的维修。", "有权拒绝无票操作。", "持高压、低压电工作业证。"),
    Shipped("lv_electrician", "弱电工", "Low-voltage technician", E, "engineering_manager", TECHNICIAN,
            "门禁、对讲、监控、网络等弱电系统的维修。", "可临时停用故障的门禁点位并通知监控室。", "持低压电工证，懂网络布线。"),
    Shipped("plumber", "水暖空调工", "Plumbing and HVAC technician", E, "engineering_manager", TECHNICIAN,
            "给排水、采暖和空调的维修与保养。", "可紧急关闭户外阀门。", "持制冷或焊接作业证者优先。"),
    Shipped("security_manager", "安保经理", "Security manager", G, "project_manager", (),
            "管理秩序、消防和监控，制订预案，组织演练。", "可调动全部当班安保人员。", "持保安员证，五年以上安保管理经验。"),
    Shipped("guard_supervisor", "安全保卫主任", "Guard supervisor", G, "security_manager", (),
            "带领当班门岗和巡逻，检查岗位纪律。", "可临时调整岗位。", "持保安员证，两年以上带班经验。"),
    Shipped("fire_supervisor", "消防安全主任", "Fire supervisor", G, "security_manager", (),
            "检查消防设施，监督动火作业，组织疏散演练。", "可停止违规动火。", "持消防设施操作员中级证。"),
    Shipped("internal_security", "内保管理员", "Internal-security officer", G, "security_manager", (),
            "管理员工出入、钥匙和失物，调查内部事件。", "可查验出门条。", "持保安员证，品行可靠。"),
    Shipped("fire_officer", "消防员", "Fire officer", G, "fire_supervisor", (),
            "巡查消防通道和器材，火情初起时处置。", "可制止占用、堵塞消防通道的行为。", "持消防设施操作员证。"),
    Shipped("monitor_officer", "监控员", "Monitor officer", G, "guard_supervisor", (),
            "查看监控画面，发现异常即报，按规定调阅录像。", "有权拒绝无手续的调阅。", "视力良好，保守秘密。"),
    Shipped("control_room_officer", "消控室值班员", "Control-room officer", G, "fire_supervisor", (),
            "消防主机二十四小时值守，确认报警并启动联动。", "确认火警后可直接启动灭火设备。", "持消防设施操作员中级证，双人值班。"),
)  # fmt: skip
