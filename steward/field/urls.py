from django.urls import path

from steward.field import acting, asked, calls, duty, looks, offers, pages, phone

urlpatterns = [
    path("", pages.jobs, name="field-jobs"),
    path("pool/", pages.pool, name="field-pool"),
    path("me/", pages.me, name="field-me"),
    path("jobs/<str:number>/", pages.job, name="field-job"),
    path("jobs/<str:number>/share/", acting.share, name="field-share"),
    path("jobs/<str:number>/<slug:action>/", acting.act, name="field-act"),
    path("asked/<int:project_id>/<int:pk>/", asked.show, name="field-asked"),
    path("asked/<int:project_id>/<int:pk>/<slug:verb>/", asked.act, name="field-asked-do"),
    path("offers/<str:number>/", offers.show, name="field-offer"),
    path("offers/<str:number>/<slug:verb>/", offers.act, name="field-offer-do"),
    path("calls/", calls.show, name="field-calls"),
    path("dialled/<str:number>/<slug:whose>/", looks.dialled, name="field-dialled"),
    path("duty/", duty.write, name="field-duty"),
    path("replay/", acting.replay, name="field-replay"),
    path("offline/", phone.offline, name="field-offline"),
    path("worker.js", phone.worker, name="field-worker"),
    path("manifest.webmanifest", phone.manifest, name="field-manifest"),
]
