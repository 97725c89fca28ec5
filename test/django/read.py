"""Reads a STATIC_ROOT that is filled, as a site in production does, and prints what was wrong, as JSON.

    python read.py '{"static_root": "…", "whitenoise": true, "project": null}'

Every name of the manifest goes through {% static %}, and every file is requested: hashed and plain, and with
WhiteNoise in each encoding. `project` is the folder of a manage.py whose settings are `config.settings`; then its pages
are requested too, those of the admin included.
"""

import gzip
import json
import os
import re
import sys
from collections import Counter, deque
from html import unescape
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urljoin

import brotli
import django
from django.conf import settings
from django.core.management import call_command
from django.template import Context, Template, engines
from django.test import Client
from django.test.signals import template_rendered
from django.test.utils import setup_test_environment
from django.urls import path
from django.utils.encoding import filepath_to_uri
from django.views.static import serve

PLAIN = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
WHITENOISE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
MIDDLEWARE = "whitenoise.middleware.WhiteNoiseMiddleware"

IMMUTABLE = "max-age=315360000, public, immutable"
SHORT = "max-age=60, public"

DECODERS = {"gzip": gzip.decompress, "br": brotli.decompress}
SUFFIXES = {"gzip": ".gz", "br": ".br"}


class Report:
    def __init__(self):
        self.counts = Counter()
        self.problems = []

    def check(self, what, url, actual, expected):
        self.counts[what] += 1
        if actual != expected:
            self.problems.append(f"{url}: {what}: {short(actual)}, expected {short(expected)}")

    def as_json(self):
        return json.dumps({**self.counts, "problems": self.problems})


def short(value):
    text = repr(value)
    return text if len(text) < 200 else f"{text[:100]}… ({len(value)})"


def without_whitenoise(middleware):
    return [name for name in middleware if name != MIDDLEWARE]


def configure(static_root, whitenoise, project):
    if project:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DJANGO_DEBUG": "0"}
        sys.path.insert(0, project)
    else:
        settings.configure(
            INSTALLED_APPS=["django.contrib.staticfiles"],
            ROOT_URLCONF=[],
            STATIC_URL="/static/",
            TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        )
    settings.DEBUG = False
    settings.STATIC_ROOT = static_root
    settings.MIDDLEWARE = [*([MIDDLEWARE] if whitenoise else []), *without_whitenoise(settings.MIDDLEWARE)]
    settings.DATABASES["default"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": WHITENOISE if whitenoise else PLAIN},
    }
    django.setup()
    setup_test_environment()
    if not whitenoise:
        serve_static()


def serve_static():
    """What another web server would do."""
    pattern = path("static/<path:path>", serve, {"document_root": settings.STATIC_ROOT})
    if isinstance(settings.ROOT_URLCONF, str):
        import_module(settings.ROOT_URLCONF).urlpatterns.append(pattern)
    else:
        settings.ROOT_URLCONF = (pattern,)


class Reader:
    def __init__(self, static_root, whitenoise):
        self.root = Path(static_root)
        self.whitenoise = whitenoise
        self.report = Report()
        self.client = Client()
        self.tag = Template("{% load static %}{% autoescape off %}{% static name %}{% endautoescape %}")

    def read_all(self):
        paths = json.loads((self.root / "staticfiles.json").read_text())["paths"]
        for name, hashed in paths.items():
            url = self.tag.render(Context({"name": name}))
            self.report.check("static tag", name, unquote(url), settings.STATIC_URL + hashed)
            self.request(url, hashed, cache_control_of(hashed))
            if (self.root / name).exists():
                self.request(filepath_to_uri(settings.STATIC_URL + name), name, SHORT)

    def request(self, url, file, cache_control):
        content = (self.root / file).read_bytes()
        response, body = self.get(url)
        self.report.check("status", url, response.status_code, 200)
        self.report.check("bytes", url, body, content)
        if not self.whitenoise:
            return
        self.report.check("cache-control", url, response.headers.get("Cache-Control"), cache_control)
        for accepted in (["gzip"], ["br"], ["gzip", "br"]):
            self.request_encoded(url, file, content, accepted)

    def request_encoded(self, url, file, content, accepted):
        encoding = self.smallest_sibling(file, accepted)
        response, body = self.get(url, HTTP_ACCEPT_ENCODING=", ".join(accepted))
        found = response.headers.get("Content-Encoding")
        self.report.check("sibling" if encoding else "no sibling", url, found, encoding)
        if found:
            self.report.check("decoded bytes", url, DECODERS[found](body), content)

    def smallest_sibling(self, file, accepted):
        siblings = {encoding: self.root / (file + SUFFIXES[encoding]) for encoding in accepted}
        sizes = {encoding: path.stat().st_size for encoding, path in siblings.items() if path.exists()}
        return min(sizes, key=sizes.get, default=None)

    def get(self, url, **headers):
        response = self.client.get(url, **headers)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        response.close()
        return response, content

    def read_site(self, project):
        rendered = set()
        template_rendered.connect(
            lambda template, **_: rendered.add(template.origin.name), weak=False
        )
        self.sign_in()
        seen = {"/", "/admin/"}
        queue = deque(sorted(seen))
        while queue:
            page = queue.popleft()
            for link in self.links_of(page):
                if link not in seen and "/logout" not in link:
                    seen.add(link)
                    queue.append(link)
        for template in templates_in(project):
            self.report.check("template is rendered", template, template in rendered, True)

    def sign_in(self):
        from django.contrib.auth import get_user_model

        call_command("migrate", verbosity=0)
        user = get_user_model().objects.create_superuser("reader", "reader@example.com", "reader")
        self.client.force_login(user)

    def links_of(self, page):
        response, content = self.get(page)
        response_is_page = response.headers.get("Content-Type", "").startswith("text/html")
        self.report.check("page" if response_is_page else "linked file", page, response.status_code in (200, 302), True)
        if response.status_code == 302:
            yield response.headers["Location"]
        if response_is_page:
            for link in re.findall(r"""\s(?:href|src)=["']?([^"'\s>]+)""", content.decode()):
                url = urljoin(page, unescape(link)).partition("#")[0]
                if url.startswith("/") and "?" not in url:
                    yield url


def cache_control_of(hashed):
    """WhiteNoise does not know the hash of a name without an extension, whoever made it."""
    return IMMUTABLE if re.search(r"\.[0-9a-f]{12}\.[^./]*$", hashed) else SHORT


def templates_in(project):
    for engine in engines.all():
        for folder in engine.template_dirs:
            if Path(project) in Path(folder).parents:
                yield from map(str, Path(folder).rglob("*.html"))


def main(static_root, whitenoise, project):
    configure(static_root, whitenoise, project)
    reader = Reader(static_root, whitenoise)
    reader.read_all()
    if project:
        reader.read_site(project)
    print(reader.report.as_json())


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
