from django.urls import path

from steward.web import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/as/<slug:username>/", views.sign_in_as, name="sign-in-as"),
    path("sign-in/first/<int:user_id>/<str:token>/", views.first_sign_in, name="first-sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("language/", views.set_language, name="language"),
    path("files/<int:project_id>/<int:pk>/", views.attachment, name="attachment"),
]
