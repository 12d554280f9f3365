from django.urls import path

from steward.console.service import subtasks, views

urlpatterns = [
    path("cases/<str:number>/asks/<slug:name>/", views.ask, name="case-ask"),
    path("sub-tasks/<int:project_id>/<int:pk>/link/", subtasks.link, name="subtask-link"),
    path("sub-tasks/<int:project_id>/<int:pk>/<slug:name>/", subtasks.act, name="subtask"),
]
