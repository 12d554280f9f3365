from django.urls import path

from steward.api import errors
from steward.api.views import api

errors.install(api)

urlpatterns = [path("", api.urls)]
