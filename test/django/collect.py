"""Runs Django's own collectstatic and prints what it made, as JSON.

    python collect.py '{"apps": ["rest_framework"], "path": [], "dirs": [], "modules": false}'

`apps` are importable names, also from the folders of `path`; `dirs` are STATICFILES_DIRS; `modules` switches
support_js_module_import_aggregation on. For each name the answer has the hashed name and, where Django rewrote the
file, its new bytes; any other hashed file has to be a copy of its source.
"""

import json
import sys
import tempfile
from base64 import b64encode
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType

import django
from django.apps import AppConfig
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command

MADE_UP = ModuleType("made_up")
sys.modules[MADE_UP.__name__] = MADE_UP


class WithoutModels(AppConfig):
    """An app whose models need no settings."""

    def import_models(self):
        self.models = {}


def app_config(app):
    name = app.replace(".", "_")
    setattr(MADE_UP, name, type(name, (WithoutModels,), {"name": app, "label": name}))
    return f"{MADE_UP.__name__}.{name}"


def storage(modules):
    MADE_UP.Storage = type(
        "Storage",
        (ManifestStaticFilesStorage,),
        {"support_js_module_import_aggregation": modules},
    )
    return f"{MADE_UP.__name__}.Storage"


def configure(root, apps, path, dirs, modules):
    sys.path.extend(path)
    settings.configure(
        INSTALLED_APPS=["django.contrib.staticfiles", *map(app_config, apps)],
        STATICFILES_DIRS=dirs,
        STATIC_ROOT=root,
        STATIC_URL="/static/",
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
            "staticfiles": {"BACKEND": storage(modules)},
        },
    )
    django.setup()


def text_or_base64(content):
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(content).decode()}


def describe(root, name, hashed):
    content = (root / hashed).read_bytes()
    described = {"hashed": hashed, "sha256": sha256(content).hexdigest()}
    if content == (root / name).read_bytes():
        return described
    return described | text_or_base64(content)


def answer(root, apps):
    written = {file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()}
    manifest = (root / "staticfiles.json").read_text()
    paths = json.loads(manifest)["paths"]
    return {
        "django": django.__version__,
        "apps": [str(Path(import_module(app).__file__).parent) for app in apps],
        "manifest": manifest,
        "files": {name: describe(root, name, hashed) for name, hashed in sorted(paths.items())},
        "others": sorted(written - {"staticfiles.json", *paths, *paths.values()}),
    }


def main(apps, path, dirs, modules):
    with tempfile.TemporaryDirectory() as root:
        configure(root, apps, path, dirs, modules)
        call_command("collectstatic", interactive=False, verbosity=0)
        json.dump(answer(Path(root), apps), sys.stdout)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
