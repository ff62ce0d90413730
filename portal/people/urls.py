from django.urls import path

from portal.people import views

urlpatterns = [
    path("setup/<str:token>/", views.setup, name="setup"),
    path("team/", views.team, name="team"),
    path("theme/", views.theme, name="theme"),
]
