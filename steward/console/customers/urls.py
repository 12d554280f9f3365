"""Pages of customers and rooms."""

from django.urls import path

from steward.console.customers import acts, views

app_name = "customers"

urlpatterns = [
    path("new/", views.new, name="new"),
    path("<int:project_id>/unit/<int:pk>/", views.unit, name="unit"),
    path("<int:project_id>/unit/<int:pk>/status/", views.status_history, name="status-history"),
    path("<int:project_id>/<int:pk>/", views.customer, name="customer"),
    path("<int:project_id>/<int:pk>/timeline/", views.timeline, name="timeline"),
    path("<int:project_id>/<int:pk>/privacy/", views.privacy, name="privacy"),
    path("<int:project_id>/<int:pk>/do/<slug:verb>/", acts.act, name="act"),
    path("<int:project_id>/<int:pk>/everything/<int:asked>/", views.export, name="export"),
    path("<int:project_id>/<int:pk>/show/<slug:piece>/<int:contact>/", views.show, name="reveal"),
]
