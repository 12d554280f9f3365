from django.urls import path

from steward.console.messages import log, texts

urlpatterns = [
    path("messages/", log.show, name="messages"),
    path("messages/of/<str:number>/", log.of_case, name="messages-of-case"),
    path("messages/<int:project_id>/<int:pk>/again/", log.again, name="message-again"),
    path("messages/<int:project_id>/<int:pk>/became/", log.became, name="message-became"),
    path("messages/texts/", texts.index, name="message-texts"),
    path("messages/texts/<str:key>/", texts.edit, name="message-text"),
]
