from django.urls import path

from steward.console.settings import figures, home, price, prices

urlpatterns = [
    path("settings/", home.home, name="settings"),
    path("settings/figures/", figures.index, name="figures"),
    path("settings/figures/<str:key>/", figures.edit, name="figure"),
    path("settings/callbacks/", figures.calling, name="calling"),
    path("settings/prices/", prices.index, name="prices"),
    path("settings/prices/excel/", prices.excel, name="prices-excel"),
    path("settings/prices/follow/", prices.follow, name="prices-follow"),
    path("settings/prices/new/", price.new, name="price-new"),
    path("settings/prices/of/<str:code>/", price.edit, name="price"),
]
