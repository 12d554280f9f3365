"""What comes in beside the call screen itself. A phone system opens ``console/call/?number=…``."""

from django.urls import path

from steward.console.reception import calls, night, paste

urlpatterns = [
    path("console/call/", calls.incoming, name="call"),
    path("intake/wrong-number/", calls.wrong_number, name="wrong-number"),
    path("intake/number/<int:project_id>/<int:customer>/<int:contact>/", calls.number, name="call-number"),
    path("intake/night/<slug:wanted>/", night.mode, name="intake-night"),
    path("intake/paste/", paste.read, name="intake-paste"),
    path("intake/join/", calls.join, name="call-join"),
    path("cases/<str:number>/asked-again/", calls.asked_again, name="asked-again"),
]
