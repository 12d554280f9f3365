from django.urls import path

from steward.console.knowledge import acts, find, views

urlpatterns = [
    path("knowledge/", views.index, name="knowledge"),
    path("knowledge/new/", acts.new, name="knowledge-new"),
    path("knowledge/find/", find.find, name="knowledge-find"),
    path("knowledge/beside/", find.beside, name="knowledge-beside"),
    path("knowledge/unanswered/", views.unanswered, name="knowledge-unanswered"),
    path("knowledge/unanswered/<str:number>/keep/", acts.keep, name="knowledge-keep"),
    path("knowledge/<int:pk>/", views.show, name="knowledge-article"),
    path("knowledge/<int:pk>/revise/", acts.revise, name="knowledge-revise"),
    path("knowledge/<int:pk>/confirm/", acts.confirm, name="knowledge-confirm"),
    path("knowledge/<int:pk>/retire/", acts.retire, name="knowledge-retire"),
]
