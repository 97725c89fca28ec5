from django.urls import path
from django.views.generic import TemplateView

app_name = "gallery"

PICTURES = [
    {"title": "Dunes", "name": "gallery/img/dunes.svg"},
    {"title": "Fjord", "name": "gallery/img/fjord.svg"},
    {"title": "Forest", "name": "gallery/img/forest.svg"},
    {"title": "Night", "name": "gallery/img/night.svg"},
    {"title": "Aurora", "name": "gallery/img/aurora.png"},
    {"title": "Harbour", "name": "gallery/img/harbour.png"},
]

urlpatterns = [
    path(
        "",
        TemplateView.as_view(
            template_name="gallery/index.html",
            extra_context={"pictures": PICTURES},
        ),
        name="index",
    ),
]
