"""Prints what {% static %} gives for names, with a storage whose source is given, as JSON.

    python storage_urls.py '{"source": "…", "storage": "mysite.storage.Storage", "static_root": "…", "names": ["…"]}'
"""

import json
import sys
import tempfile
from pathlib import Path

import django
from django.conf import settings
from django.template import Context, Template

site = json.loads(sys.argv[1])
module, _, _ = site["storage"].rpartition(".")
folder = Path(tempfile.mkdtemp())
source = folder.joinpath(*module.split(".")).with_suffix(".py")
source.parent.mkdir(parents=True)
source.write_text(site["source"])
sys.path.insert(0, str(folder))

settings.configure(
    STATIC_URL="/static/",
    STATIC_ROOT=site["static_root"],
    INSTALLED_APPS=["django.contrib.staticfiles"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    STORAGES={"staticfiles": {"BACKEND": site["storage"]}},
)
django.setup()
tag = Template("{% load static %}{% autoescape off %}{% static name %}{% endautoescape %}")
print(json.dumps([tag.render(Context({"name": name})) for name in site["names"]]))
