from django.urls import path

from steward.console.oncall import lists, rings

urlpatterns = [
    path("on-call/", lists.show, name="on-call"),
    path("on-call/repeat/", lists.repeat, name="on-call-repeat"),
    path("on-call/<slug:post>/", lists.edit, name="on-call-post"),
    path("cases/<str:number>/on-call/", rings.show, name="rings"),
    path("cases/<str:number>/on-call/ring/", rings.ring, name="ring"),
    path("cases/<str:number>/on-call/comes/", rings.comes, name="ring-comes"),
]
