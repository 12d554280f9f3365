from django.urls import path

from . import gallery

app_name = "design"
urlpatterns = [
    path("", gallery.console, name="gallery"),
    path("intake/", gallery.intake, name="gallery_intake"),
    path("dispatch/", gallery.dispatch, name="gallery_dispatch"),
    path("counter/", gallery.counter, name="gallery_counter"),
    path("part/", gallery.part, name="gallery_part"),
    path("search/", gallery.search, name="gallery_search"),
    path("phone/", gallery.phone, name="gallery_phone"),
    path("plain/", gallery.plain, name="gallery_plain"),
]
