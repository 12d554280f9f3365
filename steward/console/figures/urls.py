from django.urls import path

from steward.console.figures import complaints, measures

urlpatterns = [
    path("figures/complaints/", complaints.show, name="complaint-figures"),
    path("figures/complaints.xlsx", complaints.export, name="figures-xlsx"),
    path("figures/first-responders/", measures.responders, name="responders"),
    path("figures/never-silent/", measures.silent, name="never-silent"),
]
