"""The console's pages. A new page is one line here and one in menu.py."""

from django.urls import include, path

from steward.console import (
    actions,
    alarms,
    callbacks,
    case,
    cases,
    cashier,
    conflicts,
    coverage,
    dispatch,
    intake,
    shell,
    weather,
    workbench,
)
from steward.console.customers import views as customers
from steward.console.incidents import views as incidents

app_name = "console"

urlpatterns = [
    path("", workbench.workbench, name="workbench"),
    path("workbench/count/", workbench.count, name="count"),
    path("project/<str:code>/", shell.choose_project, name="project"),
    path("alarms/<int:project_id>/<int:pk>/seen/", alarms.seen, name="alarm-seen"),
    path("find/", cases.find, name="find"),
    path("intake/", intake.intake, name="intake"),
    path("intake/units/", intake.units, name="intake-units"),
    path("intake/household/", intake.household, name="intake-household"),
    path("intake/then/", intake.then, name="intake-then"),
    path("cases/", cases.index, name="cases"),
    path("dispatch/", dispatch.show, name="dispatch"),
    path("dispatch/send/", dispatch.assign, name="dispatch-assign"),
    path("customers/", customers.index, name="customers"),
    path("customers/", include("steward.console.customers.urls")),
    path("cashier/", cashier.show, name="cashier"),
    path("cashier/take/", cashier.take, name="cashier-take"),
    path("cashier/bill/", cashier.bill, name="cashier-bill"),
    path("cashier/day/", cashier.day, name="takings"),
    path("cashier/receipts/<int:project_id>/<int:serial>/", cashier.receipt, name="receipt"),
    path("incidents/", incidents.index, name="incidents"),
    path("incidents/", include("steward.console.incidents.urls")),
    path("callbacks/", callbacks.show, name="callbacks"),
    path("callbacks/coverage/", coverage.show, name="coverage"),
    path("callbacks/weather/", weather.show, name="weather"),
    path("callbacks/record/", callbacks.record, name="callbacks-record"),
    path("conflicts/", conflicts.show, name="conflicts"),
    path("conflicts/<int:project_id>/<int:pk>/do/", conflicts.redo, name="conflict-do"),
    path("conflicts/<int:project_id>/<int:pk>/settle/", conflicts.settle, name="conflict-settle"),
    path("cases/<str:number>/", case.show, name="case"),
    path("cases/<str:number>/phone/<slug:key>/", case.phone, name="case-phone"),
    path("cases/<str:number>/share/", case.share, name="case-share"),
    path("cases/<str:number>/actions/<slug:action>/", actions.perform, name="action"),
    path("", include("steward.console.messages.urls")),
    path("", include("steward.console.duty.urls")),
    path("", include("steward.console.audit.urls")),
    path("", include("steward.console.estate.urls")),
    path("", include("steward.console.knowledge.urls")),
    path("", include("steward.console.papers.urls")),
    path("", include("steward.console.service.urls")),
    path("", include("steward.console.pin.urls")),
    path("", include("steward.console.settings.urls")),
    path("", include("steward.console.reception.urls")),
    path("", include("steward.console.organisation.urls")),
]
