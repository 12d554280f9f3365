from django.urls import path

from steward.console.papers import registers, views

urlpatterns = [
    path("registers/", registers.index, name="registers"),
    path("registers/<slug:name>.<slug:ending>", registers.export, name="register"),
    path("cases/<str:number>/papers/", views.case_papers, name="case-papers"),
    path("cases/<str:number>/papers/<slug:name>.pdf", views.case_paper, name="case-paper"),
]
