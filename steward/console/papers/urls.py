from django.urls import path

from steward.console.papers import views

urlpatterns = [
    path("cases/<str:number>/papers/", views.case_papers, name="case-papers"),
    path("cases/<str:number>/papers/<slug:name>.pdf", views.case_paper, name="case-paper"),
]
