from django.urls import path

from steward.portal.views import cases, complaint, home, kinds, privacy, report

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("me/", home.account, name="account"),
    path("me/data/", privacy.privacy, name="privacy"),
    path("manifest.webmanifest", home.manifest, name="manifest"),
    path("report/", report.report, name="report"),
    path("complain/", complaint.complain, name="complain"),
    path("ask/", report.ask, name="ask"),
    path("answers/", kinds.answers, name="answers"),
    path("answers/near/", kinds.near, name="answers-near"),
    path("suggest/", kinds.suggest, name="suggest"),
    path("praise/", kinds.praise, name="praise"),
    path("order/", kinds.order, name="order"),
    path("cases/<slug:number>/call-off/", kinds.call_off, name="call-off"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<slug:number>/", cases.case, name="case"),
    path("cases/<slug:number>/quote/", cases.consent, name="consent"),
    path("cases/<slug:number>/decline/", cases.decline, name="decline"),
    path("cases/<slug:number>/amount/", cases.amount, name="amount"),
    path("cases/<slug:number>/rate/", cases.rate, name="rate"),
    path("cases/<slug:number>/cancel/", cases.cancel, name="cancel"),
    path("cases/<slug:number>/reopen/", cases.reopen, name="reopen"),
    path("cases/<slug:number>/again/", cases.again, name="again"),
]
