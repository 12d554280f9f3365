"""What is ordered, as shipped."""

from steward.casework.shipped import Shipped, ship

ship(
    "service_order",
    Shipped("home", "家政服务", "Help at home"),
    Shipped("help", "代办服务", "Helping hands"),
    Shipped("business", "商务中心", "Business centre"),
    Shipped("office", "写字楼加时", "Offices out of hours"),
)
