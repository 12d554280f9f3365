"""Invented people and companies. A fixed seed makes every load the same."""

from random import Random
from typing import Final

#: Common surnames, the commonest more often; a few with several readings, as every desk meets them.
SURNAMES: Final = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗" * 3
    + "郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛单查解仇盖区翟"
)
DOUBLE: Final = ("欧阳", "上官", "司徒", "诸葛")
FIRST: Final = "建志国文晓雅思子俊海明春秀玉丽美永宏立庆雪静淑慧天一梓雨若佳家嘉振卫长新学红桂凤金兰成德"
SECOND: Final = "军华强伟杰涛敏芳娟霞英平波辉宁磊洋勇艳玲梅林鑫斌琳雯颖欣怡轩涵宇航乐安琪妍婷娜莉萍峰超鹏飞龙刚"
FIRMS: Final = (
    "临平岳", "启明远", "北辰", "澄观", "知行", "沐川", "恒拓", "青屿", "万象联", "序章", "立方舟", "合众图",
    "鲸落", "南枝", "云杉", "时雨", "观澜", "拾光", "广厦", "博闻", "蓝鲸", "致远", "嘉树", "元和", "星野", "百川",
)  # fmt: skip
TRADES: Final = (
    "信息技术", "供应链管理", "文化传播", "会计师事务所", "建筑设计", "医药科技", "跨境电商", "教育咨询", "知识产权代理",
    "人力资源服务", "广告", "律师事务所", "投资管理", "旅行社", "检测技术",
)  # fmt: skip
SHOPS: Final = (
    "小满面馆", "半亩咖啡", "晨光便利店", "老灶烘焙", "青禾药房", "木子理发", "一页书店", "拾味砂锅", "轻跑运动",
    "蓝格眼镜", "花信鲜花", "速印图文", "干净洗衣", "童趣屋", "茶里巷", "数码小站",
)  # fmt: skip
PREFIXES: Final = ("135", "136", "137", "138", "139", "150", "158", "159", "177", "186", "188", "199")


def person(rng: Random) -> str:
    surname = rng.choice(DOUBLE) if rng.random() < 0.01 else rng.choice(SURNAMES)
    given = rng.choice(SECOND) if rng.random() < 0.15 else rng.choice(FIRST) + rng.choice(SECOND)
    return surname + given


def company(rng: Random) -> str:
    return f"杭州{rng.choice(FIRMS)}{rng.choice(TRADES)}有限公司"


def phone(rng: Random) -> str:
    """Looks like a mobile number; the two zeros after the prefix mark it as made up."""
    return f"{rng.choice(PREFIXES)}00{rng.randrange(10**6):06d}"
