"""Records what Django's ManifestStaticFilesStorage writes and answers, for test/manifest.test.ts.

    pip install django
    python test/record/manifest.py [FOLDER]

FOLDER (by default test/fixtures/manifest) gets `staticfiles.json`, the very bytes of Django, and `urls.json`:
files that were in STATIC_ROOT, and what `storage.url()` and `storage.stored_name()` returned or raised.
Recorded with Django 6.1.3 on Python 3.13. Django 5.2.19 gives the same `urls.json` and the same hash in
`staticfiles.json`, but lists its paths as they were collected (sorting them came later).
It needs a file system that keeps names as they are (Linux).
"""

import json
import sys
import tempfile
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

STORAGE = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"

COLLECTED = [
    "LICENSE",
    "UPPER.CSS",
    "a b.css",
    "a+b.css",
    "a;b.css",
    "amp&ersand.css",
    "back`tick.css",
    "bell\x07.css",
    "css/site.css",
    "del\x7f.css",
    "dot.",
    "dots.in.many.places.js",
    "double\"quote.css",
    "emoji-\U0001f600.png",
    "fonts/icons.eot",
    "img/logo.png",
    "img/logo@2x.png",
    "js/x.min.js",
    "nbsp\u00a0.css",
    "nfc-\u00e9.css",
    "nfd-e\u0301.css",
    "o'quote.css",
    "percent-100%.css",
    "private-\ue000.css",
    "private-\uffee.css",
    "single",
    "tab\there.css",
    "\x1funit.css",
    "\u2028line.css",
    "\u65e5\u672c/\u8a9e.css",
    "x:scheme.css",
    "\uff21-fullwidth.css",
    "\U0001f600.css",
    " space-around .css",
    "hash#mark.css",
    "question?mark.css",
    "escaped%20space.css",
]

# In STATIC_ROOT, but put there after collectstatic: only `manifest_strict = False` finds them.
LATE = [
    "late/new.css",
    "late/a b.css",
    "late/\u00e9.css",
    "late/no-extension",
    "late/a.b.c.js",
    "late/.hidden",
    "late/..two.dots",
    "late/...",
    "late/dot.",
]

NAMES = COLLECTED + LATE + [
    # queries and fragments
    "css/site.css?v=1",
    "css/site.css?v=1&w=a%20b",
    "css/site.css?",
    "css/site.css#top",
    "css/site.css#",
    "css/site.css?v=1#top",
    "css/site.css#a%20b",
    "css/site.css#a?b",
    "css/site.css#a/",
    "css/site.css?next=/",
    "fonts/icons.eot?#iefix",
    "fonts/icons.eot?#",
    "fonts/icons.eot?v=1#iefix",
    "fonts/icons.eot?v=1?#iefix",
    "LICENSE?x",
    "a b.css?v=1",
    "emoji-\U0001f600.png#\U0001f600",
    # percent escapes
    "a%20b.css",
    "a%20b.css?v=1",
    "a%2520b.css",
    "nfc-%C3%A9.css",
    "nfc-%c3%a9.css",
    "nfc-%E9.css",
    "css%2Fsite.css",
    "css/site.css%3Fv=1",
    "css/site.css%23top",
    "css/site.css%",
    "css/site.css%zz",
    "percent-100%25.css",
    "%73ingle",
    "hash%23mark.css",
    "question%3Fmark.css",
    # what is stripped
    " css/site.css",
    "css/site.css ",
    "\tcss/site.css\n",
    "\x01css/site.css",
    "css/site.css\x01",
    "css/site.css\x1c",
    "css/site.css\x85",
    "css/site.css\ufeff",
    "css/si\nte.css",
    "css/site.css%20",
    "css/site.css ?v=1",
    # folders
    "img/",
    "img/?v=1",
    "img/#x",
    "img/?#x",
    "missing/",
    "a b/",
    "a%20b/",
    "/",
    "/img/",
    "//img/",
    "img//deep/",
    "img/../css/",
    "img/./",
    "../img/",
    "../../../img/",
    "https://example.com/x/",
    # not in the manifest
    "",
    "#x",
    "?x",
    "img",
    "css",
    "/css/site.css",
    "//css/site.css",
    "./css/site.css",
    "img/../css/site.css",
    "css//site.css",
    "css\\site.css",
    "CSS/site.css",
    "css/site.scss",
    "site.css",
    "missing.css",
    "missing.css?v=1",
    "missing.css?#x",
    "https://example.com/css/site.css",
    "//example.com/css/site.css#x",
    "../outside.css",
    "late/missing.css?v=1",
    "late/../late/new.css",
    "nfc-e\u0301.css",
    "nfd-\u00e9.css",
    "__proto__",
    "constructor",
    # a scheme before a name of the manifest
    "x:single",
    "X:single?v=1",
    "1x:single",
    # the rest of what a look-up in the files does
    "late/new.css?v=1",
    "late/new.css#x",
    "late/new.css?#x",
    "late/a%20b.css",
    "late",
    "late?v=1",
    # a trailing semicolon
    "single;#x",
    "single;a#x",
]

# Each row is [name, url(name), stored_name(name)].
TABLES = [
    {"staticUrl": "/static/", "strict": True, "debug": False},
    {"staticUrl": "https://cdn.example.com/a/", "strict": True, "debug": False},
    {"staticUrl": "//cdn.example.com/a%20b/", "strict": True, "debug": False},
    {"staticUrl": "static/", "strict": True, "debug": False},
    {"staticUrl": "/static/", "strict": False, "debug": False},
    {"staticUrl": "/static/", "strict": True, "debug": True},
]


def write_files(folder, names):
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"content of {name}\n", encoding="utf-8", newline="")


def attempt(function, name):
    try:
        return function(name)
    except Exception as error:
        # A storage's repr holds its address.
        return {"error": type(error).__name__, "message": str(error).partition(" with <")[0]}


def record(table, names):
    from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

    with override_settings(DEBUG=table["debug"], STATIC_URL=table["staticUrl"]):
        storage = ManifestStaticFilesStorage()
        storage.manifest_strict = table["strict"]
        return [[name, attempt(storage.url, name), attempt(storage.stored_name, name)] for name in names]


def as_text(files, tables):
    """JSON with a row on each line."""
    texts = []
    for table, rows in tables:
        lines = ",\n".join(json.dumps(row) for row in rows)
        texts.append(json.dumps(table)[:-1] + f', "rows": [\n{lines}\n]}}')
    return '{"files": ' + json.dumps(files) + ',\n"tables": [\n' + ",\n".join(texts) + "\n]}\n"


def main(output):
    with tempfile.TemporaryDirectory() as folder:
        sources, root = Path(folder, "sources"), Path(folder, "root")
        write_files(sources, COLLECTED)
        settings.configure(
            DEBUG=False,
            INSTALLED_APPS=["django.contrib.staticfiles"],
            STATICFILES_DIRS=[sources],
            STATIC_ROOT=root,
            STATIC_URL="/static/",
            STORAGES={"staticfiles": {"BACKEND": STORAGE}},
        )
        django.setup()
        call_command("collectstatic", interactive=False, verbosity=0)
        write_files(root, LATE)
        tables = [(table, record(table, NAMES)) for table in TABLES]
        files = {name: f"content of {name}\n" for name in [*LATE, "css/site.css", "img/logo.png"]}
        output.mkdir(parents=True, exist_ok=True)
        (output / "staticfiles.json").write_bytes((root / "staticfiles.json").read_bytes())
        text = as_text(files, tables).replace(folder, "FOLDER")
        (output / "urls.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "fixtures" / "manifest")
