"""What is asked about, as shipped."""

from steward.casework.shipped import Shipped, ship

ship(
    "inquiry",
    Shipped("fees", "收费咨询", "Charges"),
    Shipped("fitout", "装修咨询", "Fitting out"),
    Shipped("other", "其他咨询", "Other"),
)
