from django.urls import path

from steward.console.audit import views

urlpatterns = [
    path("audit/", views.index, name="audit"),
    path("audit/export/", views.export, name="audit-export"),
]
