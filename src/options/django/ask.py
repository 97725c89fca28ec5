"""
Prints what Django knows of static files, as JSON. It runs in the project's own Python, started by vite-plugin-staticfiles
in the way that `python manage.py collectstatic` starts, and touches neither files nor databases.
"""

import io
import json
import math
import os
import sys
import traceback
import types

HERE = os.path.dirname(os.path.abspath(__file__))
# With -P or PYTHONSAFEPATH Python does not look in the folder of a script, neither in this one nor in that of manage.py.
SAFE_PATH = getattr(sys.flags, "safe_path", False)
if SAFE_PATH:
    sys.path.insert(0, HERE)
from ask_reads import Reads, packages
from ask_storage import describe_storage, find_storage
from ask_templates import template_folders

del sys.path[0]

PROCESS = os.getpid()


def main():
    question = json.loads(sys.argv[1])
    # What settings print must not end up in the answer.
    answer = os.dup(1)
    os.dup2(2, 1)
    reads = Reads()
    try:
        result = ask(question, reads)
    except BaseException as error:
        if is_forked():
            raise
        result = {"error": describe_error(error), "settings": os.environ.get("DJANGO_SETTINGS_MODULE")}
    if is_forked():
        return
    result["reads"] = {**reads.describe(question["manage"]), "packages": packages()}
    # The line break tells that the answer is complete.
    write(answer, json.dumps(plain(result)) + "\n")
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
    # Threads that settings started must not keep the process alive.
    os._exit(0)


def is_forked():
    """Whether this is a process that settings forked. It ends as it would without us, and has no answer to give."""
    return os.getpid() != PROCESS


def write(file, text):
    rest = text.encode("ascii")
    while rest:
        rest = rest[os.write(file, rest) :]


def plain(value):
    """Settings hold anything: what JSON has no word for becomes text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {text_of(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    return text_of(value)


def text_of(value):
    try:
        return str.__str__(value) if isinstance(value, str) else str(value)
    except Exception as error:
        return f"{type(value).__name__} without a text ({type(error).__name__})"


def ask(question, reads):
    manage = question["manage"]
    sys.argv = [manage, "collectstatic", "--noinput"]
    if not SAFE_PATH:
        sys.path.insert(0, os.path.dirname(manage))
    if question["settings"]:
        os.environ["DJANGO_SETTINGS_MODULE"] = question["settings"]
    with reads:
        run_manage(manage, reads)
        # manage.py may have set it by force; Django's own --settings wins then, too.
        if question["settings"]:
            os.environ["DJANGO_SETTINGS_MODULE"] = question["settings"]
        from django.conf import settings

        settings.INSTALLED_APPS
    import django

    django.setup()
    reads.add_app_modules()
    known = set(sys.modules)
    errors, warnings = run_checks()
    result = {"refused": errors, "settings": settings_module()} if errors else describe(question, warnings, reads)
    reads.add_modules(set(sys.modules) - known)
    return result


class ManageDidNothing(Exception):
    pass


def run_manage(manage, reads):
    """Lets manage.py prepare everything, up to where Django would run the command."""
    from django.core.management import ManagementUtility

    reads.watch_databases()
    reached = []
    ManagementUtility.execute = lambda self: reached.append(self)
    # It stays the main module, which a process that multiprocessing starts imports.
    main_module = sys.modules["__main__"] = types.ModuleType("__main__")
    main_module.__file__ = manage
    try:
        with io.open_code(manage) as file:
            exec(compile(file.read(), manage, "exec", dont_inherit=True), main_module.__dict__)
    except SystemExit as error:
        if is_forked():
            raise
        if not reached:
            raise ManageDidNothing(f"{manage} ended ({error}) before it called execute_from_command_line()") from error
    if not reached:
        raise ManageDidNothing(f"{manage} did not call Django's execute_from_command_line()")


def describe_error(error):
    shown = error.__traceback__
    while shown and shown.tb_frame.f_code.co_filename == __file__:
        shown = shown.tb_next
    if isinstance(error, ManageDidNothing):
        return str(error)
    try:
        return "".join(traceback.format_exception(type(error), error, shown)).rstrip()
    except Exception:
        return f"{type(error).__name__}: {text_of(error)}"


def run_checks():
    """Returns the errors and the warnings of `manage.py check --tag staticfiles`, in Django's words."""
    from django.apps import apps
    from django.contrib.staticfiles import checks
    from django.core.checks import Tags
    from django.core.checks import run_checks as run_registered

    if apps.is_installed("django.contrib.staticfiles"):
        messages = run_registered(tags=[Tags.staticfiles])
    else:
        functions = [getattr(checks, name, None) for name in ("check_finders", "check_storages")]
        messages = [message for function in functions if function for message in function(None)]
    shown = [message for message in messages if not message.is_silenced()]
    # A folder that does not exist is told when a build looks for it.
    warnings = [message for message in shown if not message.is_serious() and message.id != "staticfiles.W004"]
    return [words(message) for message in shown if message.is_serious()], [words(message) for message in warnings]


def words(message):
    return text_of(message)[3:] if message.obj is None else text_of(message)


def settings_module():
    from django.conf import settings

    return getattr(settings, "SETTINGS_MODULE", None)


def describe(question, warnings, reads):
    import django
    from django.apps import apps
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders

    storage, problem = find_storage()
    facts = describe_storage(storage)
    static_root = facts.pop("location") or settings.STATIC_ROOT
    folders, missing, problems = template_folders(settings.TEMPLATES)
    reads.files |= missing
    return {
        "executable": sys.executable,
        "python": ".".join(map(str, sys.version_info[:3])),
        "django": django.get_version(),
        "settings": settings_module(),
        "debug": bool(settings.DEBUG),
        "staticUrl": facts.pop("base_url") or settings.STATIC_URL,
        # An empty text is as good as None, also for Django.
        "staticRoot": absolute(static_root) if static_root else None,
        "storage": facts,
        "storageProblem": problem,
        "finders": [describe_finder(finder, question) for finder in get_finders()],
        "ignorePatterns": ignore_patterns(),
        "templates": folders,
        "whitenoise": whitenoise_settings(settings),
        "apps": [config.path for config in apps.get_app_configs()],
        "irreplaceable": irreplaceable(settings),
        "warnings": [*warnings, *problems],
    }


def irreplaceable(settings):
    """Returns what the site itself writes, with the setting that names it."""
    found = [[settings.MEDIA_ROOT, "MEDIA_ROOT"]]
    for database in dict(settings.DATABASES).values():
        if isinstance(database, dict) and "sqlite" in str(database.get("ENGINE")):
            found.append([database.get("NAME"), "DATABASES"])
    return [[absolute(path), setting] for path, setting in found if path and isinstance(path, (str, bytes, os.PathLike))]


def absolute(path):
    return os.path.abspath(os.fsdecode(path))


def describe_finder(finder, question):
    from django.contrib.staticfiles.finders import AppDirectoriesFinder, FileSystemFinder

    name = f"{type(finder).__module__}.{type(finder).__qualname__}"
    if is_plain(finder, FileSystemFinder, ("find", "list", "find_location")):
        return {"class": name, "kind": "dirs", "dirs": [[prefix, absolute(root)] for prefix, root in finder.locations]}
    if type(finder) is AppDirectoriesFinder:
        return {"class": name, "kind": "apps", "folder": finder.source_dir}
    if is_plain(finder, AppDirectoriesFinder, ("find", "list", "find_in_app")):
        storages = finder.storages.values()
        return {"class": name, "kind": "dirs", "dirs": [[prefix_of(each), each.location] for each in storages]}
    ignore = question["ignore"] + ([] if question["noDefaultIgnore"] else ignore_patterns())
    return {"class": name, "kind": "list", **list_files(finder, ignore)}


def is_plain(finder, base, methods):
    """Whether a finder does no more than search folders, so that its files need not be listed here."""
    from django.core.files.storage import FileSystemStorage

    kind = type(finder)
    if not isinstance(finder, base) or any(getattr(kind, each) is not getattr(base, each) for each in methods):
        return False
    return all(type(storage) is FileSystemStorage for storage in finder.storages.values())


def list_files(finder, ignore):
    """Returns what collectstatic would copy. Like collectstatic, it needs a storage with local files."""
    files, locations = [], {}
    for path, storage in finder.list(ignore):
        prefix = prefix_of(storage)
        name = os.path.join(prefix, path) if prefix else path
        files.append([name.replace("\\", "/"), absolute(storage.path(path))])
        if hasattr(storage, "location"):
            locations.setdefault((prefix, absolute(storage.location)))
    return {"files": files, "locations": list(locations)}


def prefix_of(storage):
    return getattr(storage, "prefix", None) or ""


def ignore_patterns():
    from django.apps import apps

    if apps.is_installed("django.contrib.staticfiles"):
        return list(apps.get_app_config("staticfiles").ignore_patterns)
    from django.contrib.staticfiles.apps import StaticFilesConfig

    return list(StaticFilesConfig.ignore_patterns)


def whitenoise_settings(settings):
    names = [name for name in dir(settings) if name.startswith("WHITENOISE_")]
    return {name: getattr(settings, name) for name in names}


if __name__ == "__main__":
    main()
