"""Pages of incidents."""

from django.urls import path

from steward.console.incidents import acts, views

app_name = "incidents"

urlpatterns = [
    path("new/", acts.new, name="new"),
    path("apart/", acts.apart, name="apart"),
    path("<str:number>/", views.show, name="show"),
    path("<str:number>/do/<slug:verb>/", acts.act, name="act"),
]
