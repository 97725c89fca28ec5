"""Records what Django's finders and Python's matching answer, for test/fnmatch, names and finders.test.ts.

    pip install django
    python test/record/finders.py [FILE]

FILE is test/fixtures/finders.json by default. Recorded with Django 6.1.3 on Python 3.13.0.
"""

import fnmatch
import itertools
import json
import os
import random
import sys
import tempfile
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation

PATTERNS = [
    "", "*", "**", "?", "??", "a", "A", "*.css", "*.CSS", "a*", "*a", "a*b", "a**b", "a/b", "a/*", "*/b", "*/*", "a/**/b",
    "a/?", "a?b", ".*", "*~", "CVS", "my-app", "-", "*.min.*", "a.css", "a+b", "(a)", "{a,b}", "a|b", "^a", "a$", "\\",
    "a\\b", "\\*", "[a]", "[!a]", "[^a]", "[ab]", "[a-c]", "[!a-c]", "[z-a]", "[!z-a]", "[]", "[!]", "[]a]", "[!]a]",
    "[]-a]", "[!]-a]", "[a-]", "[-a]", "[!-a]", "[a-", "[", "[!", "]", "a]", "[a]]", "[[]", "[[a]", "[a[]", "[--a]",
    "[a-c-e]", "[a-c-e-g]", "[z-a-c]", "[b-a-z-y]", "[z-a!b]", "[z-a!-b]", "[a&&b]", "[a||b]", "[a~~b]", "[\\]", "[\\-a]",
    "[.]", "[/]", "a[/]b", "a[!x]b", "[\U0001f600]", "[\uffee-\U0001f600]", "[\U0001f600-\uffee]", "?.png", "[[:alpha:]]",
    "\u00e9*", "e\u0301*", "*\n*",
]  # fmt: skip
TEXTS = [
    "", "a", "A", "b", "c", "d", "f", "g", "z", "y", "!", "^", "-", "]", "[", "[]", "[!]", "[a-", "a]", "-]", "[!", "\\", "&",
    "|", "~", ".", "/", "*", "ab", "aab", "a/b", "a/b/c", "a/c/b", "a\\b", "a+b", "aa+b", "(a)", "{a,b}", "a|b", "^a", "a$",
    "a.css", "b.CSS", "a.min.css", ".hidden", "a~", "CVS", "my-app", "\U0001f600", "\U0001f600.png", "\uffee", "\ud7ff",
    "\u00e9", "e\u0301", "a\nb", "\n", "\\*",
]  # fmt: skip

# The characters of random sets, which is where grammars differ, and how often each comes.
PIECES = [*"-!]abz[*?^\\/.&~|", "\U0001f600", "\uffee", "\n"]
WEIGHTS = [6, 3, 1, 3, 3, 3] + [1] * (len(PIECES) - 6)

IGNORED_TREE = [
    "a", "b", "a.css", "d/a", "d/b", "d/a.css", "d/e/a", "d/e/b.css", "CVS/x", "d/CVS/x", "d/e/CVS", ".git/x", "d/.x",
    "d/.y/z", "x~", "d~/x", "my-app/x", "d/my-app/a", "static/static/s", "a.css.map", "d/a.min.js",
]  # fmt: skip
IGNORE_PATTERNS = [
    "a", "b", "d", "e", "d/a", "d/b", "d/e", "d/*", "d/e/*", "*/a", "*/e/*", "*a", "*.css", "*/*.css", "?", "d/?", "static",
    "static/static", "static/*", "pre/*", "pre", "*", "*/*", "**", "", "/", "CVS", ".*", "*~", "my-app", "my-*", "[!a]", "[ad]",
    "d[/]a", "./a", "D", "**/a", "d/**", ".", "..", "*.min.js", "*.m*",
]  # fmt: skip

SPLIT = [
    "a", "a.css", "a.b.css", ".a", ".a.css", "..a", "..a.b", "...", "..", ".", "", "a.", "a..", "a...css", ".a.", "..a.", "d.e/a",
    "d.e/.a", "d/.a.b", "d.e/a.", "LICENSE", "x.min.js", "a.tar.gz", "\u00e9.\u00e9", "a b.c d", "a.css.map", "a\nb.c", ".\n.c",
]  # fmt: skip

# The tree of `find` and `list`; `configure` has its locations.
FOUND_TREE = [
    "one/own.css", "one/both.css", "one/folder/x.css", "one/again/own.css", "one/two/t.css", "two/t.css", "two/u.css",
    "three/v.css", "three/folder/w.css", "shared/s.css", "sibling/s.css", "one-more/z.css", "app/static/both.css",
    "app/static/app/a.css", "app/static/two/u.css", "bpp/static/both.css", "bpp/static/folder", "bpp/static/bpp/b.css",
    "cpp/models.py",
]  # fmt: skip
FOUND = [
    "own.css", "both.css", "folder/x.css", "folder", "folder/", "again/own.css", "again/both.css", "again/again/own.css",
    "two/t.css", "two/u.css", "two", "two/", "t.css", "deep/er/v.css", "deep/er/folder/w.css", "deep/v.css", "deep/er", "s.css",
    "sh/s.css", "app/a.css", "bpp/b.css", "missing.css", "", ".", "./own.css", "folder/../own.css", "two/../t.css",
    "two/../u.css", "../one/own.css", "../one-more/z.css", "../../etc/passwd", "two/../../one/own.css", "..", "own.css/",
    "own.css/x", "folder//x.css", "/own.css", "/etc/passwd", "//own.css", "TREE/one/own.css", "TREE/one-more/z.css",
    "TREE/one", "two/TREE/two/t.css", "OWN.css", "own.css\0", "n" * 300, "folder\\x.css",
]  # fmt: skip


def attempt(function, *arguments):
    try:
        return function(*arguments)
    except SuspiciousFileOperation as error:
        return type(error).__name__


def write_files(folder, names):
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)


def matches():
    """Each pattern with the texts that it matches, and random sets with the characters that they match."""
    chance = random.Random(1)
    sets = ["".join(["[", *chance.choices(PIECES, weights=WEIGHTS, k=chance.randint(1, 8)), "]"]) for _ in range(300)]
    return {
        "texts": TEXTS,
        "fixed": [[pattern, matching(TEXTS, pattern)] for pattern in PATTERNS],
        "characters": PIECES,
        "sets": [[pattern, matching(PIECES, pattern)] for pattern in sets],
    }


def matching(texts, pattern):
    return [text for text in texts if fnmatch.fnmatchcase(text, pattern)]


def ignored(folder):
    from django.contrib.staticfiles.utils import get_files
    from django.core.files.storage import FileSystemStorage

    write_files(folder, IGNORED_TREE)
    storage = FileSystemStorage(location=folder)
    return {"tree": IGNORED_TREE, "kept": [[p, sorted(get_files(storage, [p]))] for p in IGNORE_PATTERNS]}


def named(path, storage):
    prefix = getattr(storage, "prefix", None)
    return f"{prefix}/{path}" if prefix else path


def found(folder):
    from django.contrib.staticfiles import finders

    def relative(value):
        if isinstance(value, list):
            return [relative(each) for each in value]
        return value and str(value).replace(str(folder), "TREE")

    rows = []
    for name in FOUND:
        absolute = name.replace("TREE", str(folder))
        first, every = (attempt(finders.find, absolute, flag) for flag in (False, True))
        rows.append([name, relative(first), relative(every)])
    listed = []
    for finder in finders.get_finders():
        for location, files in itertools.groupby(finder.list([]), lambda file: file[1].location):
            # Within a location Django lists in the order of the file system.
            names = sorted([named(path, storage), relative(storage.path(path))] for path, storage in files)
            listed.append([relative(location), names])
    return {"tree": FOUND_TREE, "find": rows, "list": listed}


def configure(folder):
    for app in ("app", "bpp", "cpp"):
        (folder / app).mkdir()
        (folder / app / "__init__.py").touch()
    sys.path.insert(0, str(folder))
    at = str(folder) + os.sep
    settings.configure(
        INSTALLED_APPS=["django.contrib.staticfiles", "app", "bpp", "cpp"],
        STATICFILES_DIRS=[
            at + "one",
            ("two", at + "two"),
            ("again", at + "one"),
            at + "shared",
            ("deep/er", at + "three"),
            ("sh", at + "shared"),
        ],
    )
    django.setup()


def main(output):
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        (folder / "found").mkdir()
        configure(folder / "found")
        write_files(folder / "found", FOUND_TREE)
        recorded = {
            "fnmatch": matches(),
            "splitext": [[name, *os.path.splitext(name)] for name in SPLIT],
            "ignored": ignored(folder / "ignored"),
            "finders": found(folder / "found"),
        }
    output.write_text(as_text(recorded), encoding="utf-8", newline="\n")


def as_text(value, depth=0):
    """JSON with a row on a line each."""
    if isinstance(value, dict):
        rows = ",\n".join(f"{json.dumps(key)}: {as_text(each, depth + 1)}" for key, each in value.items())
        return f"{{\n{rows}\n}}" + ("\n" if depth == 0 else "")
    if isinstance(value, list) and value and isinstance(value[0], list):
        return "[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]"
    return json.dumps(value)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "fixtures" / "finders.json")
