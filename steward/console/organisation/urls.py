"""Pages of the organisation: posts, people, areas of responsibility, contractors."""

from django.urls import path

from steward.console.organisation import absences, areas, contractors, leaving, papers, people, places, posts, signins

urlpatterns = [
    path("settings/places/", places.index, name="places"),
    path("settings/places/new/", places.new, name="place-new"),
    path("settings/places/<int:pk>/", places.correct, name="place"),
    path("settings/posts/", posts.index, name="posts"),
    path("settings/posts/preset/", posts.preset, name="posts-preset"),
    path("settings/posts/<slug:code>/", posts.show, name="post"),
    path("settings/posts/<slug:code>/word/", posts.word, name="post-word"),
    path("settings/people/", people.index, name="people"),
    path("settings/people/hire/", people.hire_where, name="person-where"),
    path("settings/people/hire/<int:node_id>/", people.hire, name="person-hire"),
    path("settings/people/<int:pk>/", people.show, name="person"),
    path("settings/people/<int:pk>/change/", people.change, name="person-change"),
    path("settings/people/<int:pk>/sign-in/", signins.link, name="person-sign-in"),
    path("settings/people/<int:pk>/post/", people.assign, name="person-assign"),
    path("settings/people/<int:pk>/posts/<int:held>/end/", people.end, name="person-post-end"),
    path("settings/people/<int:pk>/leave/", leaving.leave, name="person-leave"),
    path("settings/people/<int:pk>/jobs/", leaving.pass_jobs, name="person-jobs"),
    path("settings/absences/", absences.index, name="absences"),
    path("settings/absences/new/", absences.new, name="absence-new"),
    path("settings/absences/<int:pk>/cancel/", absences.cancel, name="absence-cancel"),
    path("settings/contractors/", contractors.index, name="contractors"),
    path("settings/contractors/<int:project_id>/new/", contractors.engage, name="contractor-new"),
    path("settings/contractors/<int:project_id>/<int:pk>/", contractors.show, name="contractor"),
    path("settings/contractors/<int:project_id>/<int:pk>/change/", contractors.change, name="contractor-change"),
    path("settings/contractors/<int:project_id>/<int:pk>/end/", contractors.end, name="contractor-end"),
    path("settings/contractors/<int:project_id>/<int:pk>/staff/", contractors.staff, name="contractor-staff"),
    path(
        "settings/contractors/<int:project_id>/<int:pk>/staff/<int:person>/left/",
        contractors.left,
        name="contractor-staff-left",
    ),
    path("settings/contractors/<int:project_id>/<int:pk>/papers/", papers.add, name="contractor-paper"),
    path(
        "settings/contractors/<int:project_id>/<int:pk>/papers/<int:paper>/<int:sheet>/",
        papers.page,
        name="contractor-paper-page",
    ),
    path(
        "settings/contractors/<int:project_id>/<int:pk>/papers/<int:paper>/withdraw/",
        papers.withdraw,
        name="contractor-paper-withdraw",
    ),
    path("settings/areas/", areas.index, name="areas"),
    path("settings/areas/<int:project_id>/assign/", areas.assign, name="area-assign"),
    path("settings/areas/<int:project_id>/<int:pk>/end/", areas.end, name="area-end"),
    path("settings/areas/<int:project_id>/<int:pk>/stand-in/", areas.stand_in, name="area-stand-in"),
    path("settings/areas/<int:project_id>/<int:pk>/back/", areas.back, name="area-back"),
]
