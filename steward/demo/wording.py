"""What people report, what is found and what is done: the trade's words, written for this company."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Job:
    """A fault with its cause, the work agreed and done, and the items of its quote."""

    category: str
    title: str
    words: str
    cause: str
    scope: str
    done: str
    lines: tuple[tuple[str, str], ...] = ()
    flat: str = ""
    photo: str = "panel"
    minutes: int = 45
    places: tuple[str, ...] = ()


HOMES: Final = (
    Job("water", "厨房水槽下面滴水", "柜子底板已经泡了，先用毛巾垫着", "角阀阀芯老化", "更换角阀一只", "换新角阀，试水二十分钟不漏", (("CALL", "1"), ("L-VALVE", "1"), ("P-VALVE", "1"), ("P-TAPE", "1")), photo="pipe"),
    Job("water", "淋浴龙头关不紧", "晚上一直嗒嗒响", "龙头陶瓷芯磨损", "更换淋浴龙头", "换新龙头，冷热水试过", (("CALL", "1"), ("L-FAUCET", "1"), ("P-FAUCET", "1")), photo="pipe"),
    Job("water", "马桶水箱一直进水", "水表转得很快", "进水阀浮球卡住", "更换水箱进水阀", "换进水阀并调好水位", (("CALL", "1"), ("L-VALVE", "1"), ("P-INLET", "1")), photo="pipe"),
    Job("drain", "卫生间地漏返味", "洗完澡下水也慢", "头发和皂垢堵住存水弯", "疏通地漏", "疏通后放水两桶，下水顺畅", flat="F-UNCLOG", photo="drain", minutes=35),
    Job("drain", "厨房下水堵了", "水槽里积着一池水", "油脂结块", "疏通厨房下水", "机器疏通三米，热水冲洗", flat="F-UNCLOG", photo="drain", minutes=40),
    Job("door", "入户门锁钥匙拧不动", "门能关，开要试很多次", "锁芯弹子磨损", "更换锁芯", "换新锁芯，五把钥匙当面点清", flat="F-LOCK", photo="door", minutes=30),
    Job("power", "客厅半边没电", "早上烧水时跳的闸", "插座回路漏电，开关老化", "更换漏电开关一只", "换开关，逐路测绝缘合格", (("CALL", "1"), ("L-TRACE", "1"), ("P-BREAKER", "1")), photo="panel", minutes=60),
    Job("power", "玄关感应灯不亮", "晚上回家看不见锁孔", "感应头损坏", "更换感应灯", "换新灯，试了三次正常", (("L-LAMP", "1"), ("P-LAMP", "1")), photo="lamp", minutes=20),
    Job("heating", "次卧地暖不热", "别的房间都热，只有这间凉", "第四路有气堵", "排气并清洗一路地暖", "排气清洗后回水温度正常", (("CALL", "1"), ("L-CLEAN", "1")), photo="pipe", minutes=70),
    Job("leak", "客卫吊顶渗水", "水顺着灯边往下滴", "上层淋浴房排水管接口渗漏", "更换上层排水管接口", "接口换新，蓄水试验不渗", (("CALL", "1"), ("L-PLUMB", "1"), ("P-DN20", "1")), photo="leak", minutes=90),
    Job("door", "阳台推拉窗卡住", "推到一半就不动", "滑轮脱落", "更换窗滑轮一副", "滑轮换新，加了润滑", (("CALL", "1"), ("L-WINDOW", "1"), ("P-ROLLER", "1")), photo="door"),
    Job("intercom", "可视对讲听不到声音", "能看到人，说话没声", "听筒排线松动", "重接听筒排线", "排线接好，与门口机通话正常", (), photo="panel", minutes=25),
)  # fmt: skip

COMMON: Final = (
    Job("public", "单元门闭门器失灵", "门关不上，夜里谁都能进", "闭门器漏油", "更换闭门器", "换新闭门器，关门速度调好", photo="door", minutes=40, places=("3栋2单元大堂", "6栋1单元大堂", "9栋2单元大堂")),
    Job("power", "楼道声控灯不亮", "十一楼到十二楼摸黑", "灯头烧坏", "更换楼道灯", "换灯两只，试亮", photo="lamp", minutes=25, places=("4栋1单元11层楼道", "7栋2单元12层楼道")),
    Job("public", "地库排水沟盖板松动", "车一过就响", "盖板卡扣断了", "更换盖板两块", "盖板换好，过车无声", photo="drain", minutes=50, places=("地下车库B区", "地下车库A区坡道口")),
    Job("intercom", "单元门禁刷卡没反应", "只能等别人出来", "读卡器进水", "更换读卡器并做防水", "换读卡器，试卡十张都能开", photo="panel", minutes=45, places=("2栋1单元门口", "8栋2单元门口")),
    Job("wall", "外墙瓷砖空鼓", "雨后砖缝冒白浆", "勾缝脱落", "敲掉空鼓砖重贴", "重贴六块，养护三天后验过", photo="wall", minutes=180, places=("3栋北墙", "5栋东墙")),
    Job("water", "绿化带水管漏水", "草坪湿了一大片", "快接头老化", "更换快接头", "换接头，喷灌正常", photo="pipe", minutes=40, places=("中央水景旁", "南门草坪")),
)  # fmt: skip

TOWER: Final = (
    Job("door", "大堂旋转门有异响", "每转一圈刮一下", "底部毛刷脱开", "重新固定毛刷", "毛刷固定，转十圈无声", photo="door", minutes=60, places=("A座大堂", "B座大堂")),
    Job("public", "卸货区卷帘门升不到顶", "厢货进不来", "限位开关移位", "重调限位", "限位调好，升降五次正常", photo="door", minutes=50, places=("地下一层卸货区",)),
    Job("power", "连廊射灯一排不亮", "晚上商户门口很暗", "变压器烧坏", "更换变压器", "换变压器，全亮", photo="lamp", minutes=70, places=("裙楼二层连廊", "裙楼三层连廊")),
    Job("water", "公共卫生间感应水龙头常流", "男卫第二个", "感应窗结垢", "清洁感应窗，更换电池", "擦净换电池，试了十次", photo="pipe", minutes=25, places=("A座12层男卫", "裙楼一层男卫")),
    Job("heating", "大堂风幕机不启动", "冷风直接灌进来", "继电器触点烧蚀", "更换继电器", "换继电器，两档风都正常", photo="panel", minutes=60, places=("A座大堂", "裙楼东门")),
)  # fmt: skip

WARRANTY: Final = (
    Job("wall", "主卧外窗边渗水", "一下雨窗台就湿", "窗框与墙体间密封不足", "窗框外侧重新打胶", "打胶并做淋水试验，不渗", photo="wall", minutes=120),
    Job("door", "厨房门框变形", "门关不上，蹭地", "木门受潮变形", "拆下校正并更换合页", "校正后开关顺畅", photo="door", minutes=90),
)  # fmt: skip

OFFICES: Final = (
    Job("heating", "会议室空调不制冷", "下午三点有客户来", "风机盘管滤网堵塞", "清洗滤网与盘管", "清洗后出风十四度", (("CALL", "1"), ("L-CLEAN", "2")), photo="panel", minutes=70),
    Job("power", "前台灯带不亮", "前台一片黑", "驱动电源烧坏", "更换灯带驱动", "换驱动，灯带全亮", (("L-LAMP", "2"), ("P-LAMP", "1")), photo="lamp", minutes=50),
    Job("power", "机房插座跳闸", "加了一台设备就跳", "回路过载", "分出一路并更换空开", "分路后满载两小时不跳", (("CALL", "1"), ("L-TRACE", "1"), ("P-BREAKER", "2")), photo="panel", minutes=100),
    Job("door", "玻璃门地弹簧漏油", "门自己弹开，怕碰到人", "地弹簧油封坏", "更换地弹簧", "换新并调好定位角", (("CALL", "1"), ("L-WINDOW", "2"), ("P-HINGE", "1")), photo="door", minutes=90),
    Job("drain", "茶水间下水慢", "水槽常常满", "茶叶渣堵住", "疏通下水", "疏通并加装滤网", flat="F-UNCLOG", photo="drain", minutes=30),
    Job("lift", "货梯开门时抖动", "推车卡了一下", "层门导靴磨损", "通知维保更换导靴", "维保换导靴，运行二十次平稳", photo="panel", minutes=120),
)  # fmt: skip

#: The opening of the story: floor heating leaks through the ceiling below.
STORY: Final = Job(
    "leak", "主卧卫生间吊顶滴水", "已用盆接，水滴离灯半米", "地暖分水器第3路接头渗漏", "更换分水器接头两只并试压",
    "更换接头2只，试压0.6兆帕三十分钟不降",
    (("L-PLUMB", "1"), ("P-DN20", "2"), ("CALL", "1")), photo="leak", minutes=60,
)  # fmt: skip

INQUIRIES: Final = (
    ("fitout", "装修押金退还要带什么", "竣工验收单、押金收据和本人身份证原件，验收满三个月后到前台办理。"),
    ("fees", "上个月公摊电费为什么多", "地库排风机检修期间加开，已在公告栏贴出明细，多出的部分下月冲减。"),
    ("other", "快递柜几点停用", "夜里十一点到早上六点静音存取，不停用。"),
    ("fitout", "周末能不能装修", "周末和法定假日只能做不出声的活，有声施工请安排在工作日。"),
    ("fees", "车位费能不能按季交", "可以，到前台签一份代扣单就行，从下个季度起按季出账。"),
    ("other", "游泳池什么时候开放", "五月初到九月底，早七点到晚九点，办卡带业主证。"),
)  # fmt: skip

COMMENTS: Final = (
    "师傅来得快，收拾得干净", "说话客气，价钱也讲在前头", "就是等了一会儿，活不错", "修好了，谢谢",
    "比说好的早到", "鞋套都穿了，很细心", "没什么意见",
)  # fmt: skip
UNHAPPY: Final = ("又漏了，跟没修一样", "两天就坏了，请再来看看", "味道还是有")
