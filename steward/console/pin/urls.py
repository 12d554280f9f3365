"""Switching the person at a shared PC."""

from django.urls import path

from steward.console.pin import views

urlpatterns = [
    path("pin/", views.switch, name="pin"),
    path("pin/lock/", views.lock, name="pin-lock"),
    path("pin/own/", views.own, name="pin-own"),
]
