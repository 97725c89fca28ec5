"""Reads templates as Django does, and prints the literal names of {% static %} with their lines, as JSON.

    python templates.py '{"texts": ["{% static …"], "folders": ["…"], "admin": true}'

Prints {"texts": [[[name, line], …], …], "files": {path: [[name, line], …]}}, with null for a text that is no template.
"""

import json
import sys
from pathlib import Path

import django
from django.conf import settings
from django.template import Origin, Template, TemplateSyntaxError, engines
from django.templatetags.static import StaticNode

settings.configure(
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"builtins": ["django.templatetags.static"], "debug": True},
        }
    ],
    STATIC_URL="/static/",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()
engine = engines["django"].engine


def names(text):
    try:
        nodes = Template(text, Origin("test"), engine=engine).nodelist.get_nodes_by_type(StaticNode)
    except (TemplateSyntaxError, IndexError):
        return None
    literal = [node for node in nodes if isinstance(node.path.var, str) and not node.path.filters]
    return [[str(node.path.var), node.token.lineno] for node in literal]


asked = json.loads(sys.argv[1])
admin = Path(django.__file__).parent / "contrib/admin/templates"
files = sorted(file for file in admin.rglob("*") if file.is_file())
print(
    json.dumps(
        {
            "texts": [names(text) for text in asked["texts"]],
            "folder": str(admin),
            "files": {str(file): found for file in files if (found := names(file.read_text("utf-8")))},
        }
    )
)
