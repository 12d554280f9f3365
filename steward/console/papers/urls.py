from django.urls import path

from steward.console.papers import entry, registers, views

urlpatterns = [
    path("papers/enter/", entry.day, name="paper-day"),
    path("papers/blank.pdf", views.blank, name="paper-blank"),
    path("cases/<str:number>/papers/enter/", entry.sheet, name="paper-enter"),
    path("registers/", registers.index, name="registers"),
    path("registers/<slug:name>.<slug:ending>", registers.export, name="register"),
    path("cases/<str:number>/papers/", views.case_papers, name="case-papers"),
    path("cases/<str:number>/papers/<slug:name>.pdf", views.case_paper, name="case-paper"),
]
