from django.urls import path

from steward.api import errors, service
from steward.api.views import api

errors.install(api)
api.add_router("", service.router)

urlpatterns = [path("", api.urls)]
