"""A project of the corpus in the working directory: what bench/collect.js measures Django with."""

import json
import os
from pathlib import Path

APPS = Path("apps").resolve()

SECRET_KEY = "bench"
INSTALLED_APPS = ["django.contrib.staticfiles", *sorted(app.name for app in APPS.iterdir())]
STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("STATIC_ROOT")
STORAGES = {"staticfiles": {"BACKEND": os.environ.get("BENCH_STORAGE", "django.contrib.staticfiles.storage.ManifestStaticFilesStorage")}}
globals().update(json.loads(os.environ.get("BENCH_SETTINGS", "{}")))
