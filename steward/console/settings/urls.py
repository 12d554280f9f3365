from django.urls import path

from steward.console.settings import categories, category, figures, home, price, prices, rights

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
    path("settings/rights/", rights.index, name="rights"),
    path("settings/rights/of/<int:pk>/", rights.of_person, name="person-rights"),
    path("settings/rights/<slug:name>/", rights.show, name="role"),
    path("settings/categories/", categories.index, name="categories"),
    path("settings/categories/new/", category.new, name="category-new"),
    path("settings/categories/<slug:kind>/preset/", categories.preset, name="categories-preset"),
    path("settings/categories/<int:pk>/", category.edit, name="category"),
    path("settings/categories/<int:pk>/place/", categories.move, name="category-place"),
    path("settings/categories/<int:pk>/restore/", categories.restore, name="category-restore"),
]
