"""Pages of the organisation: posts, people."""

from django.urls import path

from steward.console.organisation import people, posts

urlpatterns = [
    path("settings/posts/", posts.index, name="posts"),
    path("settings/posts/preset/", posts.preset, name="posts-preset"),
    path("settings/posts/<slug:code>/", posts.show, name="post"),
    path("settings/posts/<slug:code>/word/", posts.word, name="post-word"),
    path("settings/people/", people.index, name="people"),
    path("settings/people/hire/", people.hire_where, name="person-where"),
    path("settings/people/hire/<int:node_id>/", people.hire, name="person-hire"),
    path("settings/people/<int:pk>/", people.show, name="person"),
    path("settings/people/<int:pk>/change/", people.change, name="person-change"),
    path("settings/people/<int:pk>/post/", people.assign, name="person-assign"),
    path("settings/people/<int:pk>/posts/<int:held>/end/", people.end, name="person-post-end"),
    path("settings/people/<int:pk>/leave/", people.leave, name="person-leave"),
]
