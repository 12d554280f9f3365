from django.urls import path

from steward.console.duty import views

urlpatterns = [
    path("duty/", views.show, name="duty"),
    path("duty/begin/", views.begin, name="duty-begin"),
    path("duty/write/", views.write, name="duty-write"),
    path("duty/offer/", views.offer, name="duty-offer"),
    path("duty/<int:pk>/answer/", views.answer, name="duty-answer"),
    path("duty/<int:pk>/withdraw/", views.withdraw, name="duty-withdraw"),
    path("duty/<int:pk>/force/", views.force, name="duty-force"),
    path("duty/brief/", views.brief, name="duty-brief"),
    path("duty/check/", views.check, name="duty-check"),
]
