from django.urls import path

from steward.console.service import views

urlpatterns = [
    path("cases/<str:number>/asks/<slug:name>/", views.ask, name="case-ask"),
]
