from django.urls import path

from . import gallery

app_name = "design"
urlpatterns = [
    path("", gallery.console, name="gallery"),
    path("phone/", gallery.phone, name="gallery_phone"),
    path("plain/", gallery.plain, name="gallery_plain"),
]
