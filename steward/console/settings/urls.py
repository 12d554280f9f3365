from django.urls import path

from steward.console.settings import figures, home

urlpatterns = [
    path("settings/", home.home, name="settings"),
    path("settings/figures/", figures.index, name="figures"),
    path("settings/figures/<str:key>/", figures.edit, name="figure"),
    path("settings/callbacks/", figures.calling, name="calling"),
]
