from django.urls import path

from steward.console.estate import grid, imports, panel

urlpatterns = [
    path("estate/buildings/", grid.show, name="buildings"),
    path("estate/units/<int:project_id>/<int:pk>/status/", grid.change, name="unit-status"),
    path("estate/units/<int:project_id>/<int:pk>/panel/", panel.show, name="unit-panel"),
    path("estate/imports/", imports.index, name="imports"),
    path("estate/imports/template.xlsx", imports.template, name="import-template"),
    path("estate/imports/<int:project_id>/<int:pk>/", imports.show, name="import"),
    path("estate/imports/<int:project_id>/<int:pk>/errors.xlsx", imports.errors, name="import-errors"),
    path("estate/imports/<int:project_id>/<int:pk>/<slug:step>/", imports.step, name="import-step"),
]
