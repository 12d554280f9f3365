from django.urls import path

from steward.api import absences, errors, incidents, oncall, organisation, papers, service, staff, subtasks
from steward.api.views import api

errors.install(api)
api.add_router("", service.router)
api.add_router("", absences.router)
api.add_router("", subtasks.router)
api.add_router("", oncall.router)
api.add_router("", incidents.router)
api.add_router("", organisation.router)
api.add_router("", papers.router)
api.add_router("", staff.router)

urlpatterns = [path("", api.urls)]
