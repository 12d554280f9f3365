"""Short addresses for chats: ``/l/<token>/``."""

from django.urls import path

from steward.portal.links import views

app_name = "portal-links"
urlpatterns = [
    path("<str:token>/", views.link, name="link"),
    path("<str:token>/decline/", views.decline, name="decline"),
]
