"""What suggestions are about, as shipped."""

from steward.casework.shipped import Shipped, ship

ship(
    "suggestion",
    Shipped("green", "环境绿化", "Grounds and greenery"),
    Shipped("order", "秩序与停车", "Order and parking"),
    Shipped("plant", "设施设备", "Equipment"),
    Shipped("life", "社区生活", "Community life"),
)
