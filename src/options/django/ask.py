"""
Prints what Django knows of static files, as JSON. It runs in the project's own Python, started by vite-plugin-staticfiles
in the way that `python manage.py collectstatic` starts, and touches neither files nor databases.
"""

import json
import os
import runpy
import sys
import traceback


def main():
    question = json.loads(sys.argv[1])
    # What settings print must not end up in the answer.
    answer = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    reads = Reads()
    try:
        result = ask(question, reads)
    except BaseException as error:
        result = {"error": describe_error(error), "settings": os.environ.get("DJANGO_SETTINGS_MODULE")}
    result["reads"] = {"files": reads.relevant_files(), "environ": sorted(reads.environ), "packages": packages()}
    json.dump(result, answer, default=str)
    answer.close()
    sys.stderr.flush()
    # Threads that settings started must not keep the process alive.
    os._exit(0)


def ask(question, reads):
    manage = question["manage"]
    sys.argv = [manage, "collectstatic", "--noinput"]
    sys.path[0] = os.path.dirname(manage)
    if question["settings"]:
        os.environ["DJANGO_SETTINGS_MODULE"] = question["settings"]
    with reads:
        run_manage(manage)
        # manage.py may have set it by force; Django's own --settings wins then, too.
        if question["settings"]:
            os.environ["DJANGO_SETTINGS_MODULE"] = question["settings"]
        from django.conf import settings

        settings.INSTALLED_APPS
    import django

    django.setup()
    reads.add_app_modules()
    known = set(sys.modules)
    result = describe(question)
    reads.add_modules(set(sys.modules) - known)
    return result


class ManageDidNothing(Exception):
    pass


def run_manage(manage):
    """Lets manage.py prepare everything, up to where Django would run the command."""
    from django.core.management import ManagementUtility

    reached = []
    ManagementUtility.execute = lambda self: reached.append(self)
    try:
        runpy.run_path(manage, run_name="__main__")
    except SystemExit as error:
        if not reached:
            raise ManageDidNothing(f"{manage} ended ({error}) before it called execute_from_command_line()") from error
    if not reached:
        raise ManageDidNothing(f"{manage} did not call Django's execute_from_command_line()")


def describe_error(error):
    shown = error.__traceback__
    own = (__file__, "<frozen runpy>", runpy.__file__)
    while shown and shown.tb_frame.f_code.co_filename in own:
        shown = shown.tb_next
    if isinstance(error, ManageDidNothing):
        return str(error)
    return "".join(traceback.format_exception(type(error), error, shown)).rstrip()


def describe(question):
    import django
    from django.apps import apps
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders

    storage, problem = find_storage()
    # Of a class alone these are no values.
    location, base_url = [None if problem else getattr(storage, each, None) for each in ("location", "base_url")]
    location = location or settings.STATIC_ROOT
    return {
        "executable": sys.executable,
        "python": ".".join(map(str, sys.version_info[:3])),
        "django": django.get_version(),
        "settings": getattr(settings, "SETTINGS_MODULE", None),
        "debug": bool(settings.DEBUG),
        "staticUrl": base_url or settings.STATIC_URL,
        "staticRoot": location and os.path.abspath(location),
        "storage": describe_storage(storage),
        "storageProblem": problem,
        "finders": [describe_finder(finder, question) for finder in get_finders()],
        "ignorePatterns": ignore_patterns(),
        "templates": template_folders(settings.TEMPLATES),
        "whitenoise": whitenoise_settings(settings),
        "apps": [config.path for config in apps.get_app_configs()],
    }


def find_storage():
    """The storage of static files; its class alone where it cannot be made, as without STATIC_ROOT."""
    from django.contrib.staticfiles.storage import staticfiles_storage

    try:
        staticfiles_storage.url
        return staticfiles_storage._wrapped, None
    except Exception as error:
        return storage_class(), f"{type(error).__name__}: {error}"


def storage_class():
    from django.conf import settings
    from django.utils.module_loading import import_string

    storages = getattr(settings, "STORAGES", {})
    name = storages.get("staticfiles", {}).get("BACKEND") or getattr(settings, "STATICFILES_STORAGE", None)
    return import_string(name or "django.contrib.staticfiles.storage.StaticFilesStorage")


def describe_storage(storage):
    from django.contrib.staticfiles.storage import ManifestFilesMixin

    kind = storage if isinstance(storage, type) else type(storage)
    manifest_storage = getattr(storage, "manifest_storage", None)
    # Of a class alone these are properties.
    modes = [getattr(storage, f"{each}_permissions_mode", None) for each in ("file", "directory")]
    file_mode, folder_mode = [mode if isinstance(mode, int) else None for mode in modes]
    return {
        "class": dotted_name(kind),
        "bases": [dotted_name(base) for base in kind.__mro__],
        "isManifest": issubclass(kind, ManifestFilesMixin),
        "manifestName": getattr(storage, "manifest_name", None),
        "manifestStrict": getattr(storage, "manifest_strict", None),
        "manifestFolder": manifest_storage and getattr(manifest_storage, "location", None),
        "fileMode": file_mode,
        "folderMode": folder_mode,
    }


def describe_finder(finder, question):
    from django.contrib.staticfiles.finders import AppDirectoriesFinder, FileSystemFinder

    name = dotted_name(type(finder))
    if is_plain(finder, FileSystemFinder, ("find", "list", "find_location")):
        return {"class": name, "kind": "dirs", "dirs": [[prefix, os.path.abspath(root)] for prefix, root in finder.locations]}
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
    """What collectstatic would copy. As there, a storage needs local files."""
    files, locations = [], {}
    for path, storage in finder.list(ignore):
        prefix = prefix_of(storage)
        name = os.path.join(prefix, path) if prefix else path
        files.append([name.replace("\\", "/"), os.path.abspath(storage.path(path))])
        if hasattr(storage, "location"):
            locations.setdefault((prefix, os.path.abspath(storage.location)))
    return {"files": files, "locations": list(locations)}


def prefix_of(storage):
    return getattr(storage, "prefix", None) or ""


def ignore_patterns():
    from django.apps import apps

    if apps.is_installed("django.contrib.staticfiles"):
        return list(apps.get_app_config("staticfiles").ignore_patterns)
    from django.contrib.staticfiles.apps import StaticFilesConfig

    return list(StaticFilesConfig.ignore_patterns)


def template_folders(engines):
    """Every folder that some engine looks in, whether it exists or not. No engine is made: that would import all tags."""
    from django.apps import apps

    folders = {}
    for engine in engines:
        language = "jinja2" if "jinja2" in engine["BACKEND"].lower() else "django"
        app_folder = app_folder_of(engine["BACKEND"]) or {"jinja2": "jinja2", "django": "templates"}[language]
        in_apps = [os.path.join(config.path, app_folder) for config in apps.get_app_configs()]
        dirs = [*engine.get("DIRS", []), *(in_apps if engine.get("APP_DIRS") else [])]
        for loader in engine.get("OPTIONS", {}).get("loaders") or []:
            dirs += loader_folders(loader, in_apps)
        for folder in map(os.path.abspath, dirs):
            # Where engines share a folder, only the text of a template tells.
            folders[folder] = language if folders.get(folder, language) == language else "any"
    return [[folder, language] for folder, language in folders.items()]


def app_folder_of(backend):
    from django.utils.module_loading import import_string

    try:
        return import_string(backend).app_dirname
    except (ImportError, AttributeError):
        # The engine is not installed here; pages will show that, static files need it not.
        return None


def loader_folders(loader, in_apps):
    name, *arguments = [loader] if isinstance(loader, str) else loader
    if "app_directories" in name:
        return in_apps
    nested = arguments[0] if arguments and isinstance(arguments[0], (list, tuple)) else []
    if "cached" in name:
        return [folder for each in nested for folder in loader_folders(each, in_apps)]
    return nested if "filesystem" in name else []


def whitenoise_settings(settings):
    names = [name for name in dir(settings) if name.startswith("WHITENOISE_")]
    return {name: plain(getattr(settings, name)) for name in names}


def plain(value):
    """Settings hold anything; what JSON has no word for is told as text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    return str(value)


def dotted_name(kind):
    return f"{kind.__module__}.{kind.__qualname__}"


class Reads:
    """What the answer depends on: project files read and environment variables looked up."""

    def __init__(self):
        self.environ = set()
        self.files = set()
        self.modules = set()
        self.active = False
        self.libraries = [os.path.join(each, "") for each in library_folders()]
        sys.addaudithook(self.audit)
        self.record_environ()

    def __enter__(self):
        self.active = True
        self.known = set(sys.modules)

    def __exit__(self, *_):
        self.active = False
        self.add_modules(set(sys.modules) - self.known)

    def audit(self, event, arguments):
        if self.active and event == "open" and isinstance(arguments[0], str):
            self.files.add(arguments[0])

    def record_environ(self):
        names = self.environ

        class Recorded(type(os.environ)):
            def __getitem__(self, key):
                names.add(key)
                return super().__getitem__(key)

        os.environ.__class__ = Recorded

    def add_app_modules(self):
        from django.apps import apps

        for config in apps.get_app_configs():
            self.add_modules([type(config).__module__, config.name])

    def add_modules(self, names):
        self.modules |= {getattr(sys.modules.get(name), "__file__", None) for name in names}

    def relevant_files(self):
        files = {os.path.abspath(each) for each in [*self.files, *self.modules, sys.argv[0]] if each}
        return sorted(each for each in files if self.is_relevant(each))

    def is_relevant(self, file):
        if file.endswith(".pyc") or file.startswith(("/proc/", "/sys/", "/dev/")):
            return False
        return not any(file.startswith(each) for each in self.libraries)


def library_folders():
    import sysconfig

    paths = sysconfig.get_paths()
    return {paths[each] for each in ("stdlib", "platstdlib", "purelib", "platlib")} | {os.path.dirname(__file__)}


def packages():
    """The folders whose change means that packages came or went."""
    import sysconfig

    paths = sysconfig.get_paths()
    return sorted({paths["purelib"], paths["platlib"], os.path.join(sys.prefix, "pyvenv.cfg")})


main()
