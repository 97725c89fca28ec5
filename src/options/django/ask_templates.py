"""Which folders the template engines look in. No engine is made: that would import all tags."""

import os

APP_DIRECTORIES = "django.template.loaders.app_directories.Loader"
# Has its templates in the settings.
NO_FOLDERS = ("django.template.loaders.locmem.Loader", "jinja2.loaders.DictLoader")


def template_folders(engines):
    """
    Returns every folder that some engine looks in, with its language, whether it exists or not; those missing folders
    whose coming changes the answer; and what is wrong with loaders.
    """
    folders, missing, problems = {}, set(), []
    for engine in engines:
        language = "jinja2" if "jinja2" in engine["BACKEND"].lower() else "django"
        in_apps = app_folders(engine["BACKEND"], language)
        dirs = [*engine.get("DIRS", []), *(in_apps if engine.get("APP_DIRS") else [])]
        for loader in loaders_of(engine, problems):
            dirs += folders_of(loader, in_apps, problems)
            # Loaders tell which folders there are, and not which there may be.
            missing |= {folder for folder in in_apps if not os.path.isdir(folder)}
        for folder in dirs:
            folder = os.path.abspath(os.fsdecode(folder))
            # If engines share a folder, only the text of a template tells.
            folders[folder] = language if folders.get(folder, language) == language else "any"
    return [[folder, language] for folder, language in folders.items()], missing, problems


def app_folders(backend, language):
    from django.apps import apps

    folder = app_folder_of(backend) or {"jinja2": "jinja2", "django": "templates"}[language]
    return [os.path.join(config.path, folder) for config in apps.get_app_configs()]


def app_folder_of(backend):
    from django.utils.module_loading import import_string

    try:
        return import_string(backend).app_dirname
    except (ImportError, AttributeError):
        # The engine is not installed here; pages will show that, static files do not need it.
        return None


def loaders_of(engine, problems):
    """Makes the loaders that an engine names, as the engine would make them."""
    options = engine.get("OPTIONS", {})
    # Jinja's is an object already.
    loaders = [options["loader"]] if options.get("loader") else []
    for name in options.get("loaders") or []:
        try:
            loaders.append(engine_like(engine).find_template_loader(name))
        except Exception as error:
            problems.append(unknown(name if isinstance(name, str) else name[0], f"{type(error).__name__}: {error}"))
    return loaders


def engine_like(engine):
    from django.conf import settings
    from django.template.engine import Engine

    options = engine.get("OPTIONS", {})
    made = Engine.__new__(Engine)
    made.dirs = list(engine.get("DIRS", []))
    made.app_dirs = bool(engine.get("APP_DIRS"))
    made.autoescape = options.get("autoescape", True)
    made.context_processors = options.get("context_processors", [])
    made.debug = options.get("debug", settings.DEBUG)
    made.loaders = options.get("loaders") or []
    made.string_if_invalid = options.get("string_if_invalid", "")
    made.file_charset = options.get("file_charset", "utf-8")
    made.libraries, made.template_libraries = options.get("libraries", {}), {}
    made.builtins, made.template_builtins = [*Engine.default_builtins, *options.get("builtins", [])], []
    return made


def folders_of(loader, in_apps, problems):
    """Asks a loader for its folders; one that holds others, as Django's cached loader does, for theirs."""
    from django.template.loaders.cached import Loader as CachedLoader

    name = f"{type(loader).__module__}.{type(loader).__qualname__}"
    if name == APP_DIRECTORIES:
        return in_apps
    try:
        # The cached loader passes over those that have no folders.
        if hasattr(loader, "get_dirs") and not isinstance(loader, CachedLoader):
            return list(loader.get_dirs())
        if hasattr(loader, "searchpath"):
            return list(loader.searchpath)
        nested = getattr(loader, "loaders", None) or list(getattr(loader, "mapping", {}).values())
        if nested and name not in NO_FOLDERS:
            return [folder for each in nested for folder in folders_of(each, in_apps, problems)]
    except Exception as error:
        problems.append(unknown(name, f"{type(error).__name__}: {error}"))
        return []
    if name not in NO_FOLDERS:
        problems.append(unknown(name, "it has no get_dirs()"))
    return []


def unknown(name, reason):
    return (
        f"TEMPLATES: the loader {name} does not say in which folders it looks ({reason}): names in its templates are "
        "not found, and pages do not reload when they change. Name the folders with the option `templates`"
    )
