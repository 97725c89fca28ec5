"""Describes the storage of static files: where it keeps them, and what a build cannot follow."""

# What these packages override is known: they compress, or upload.
KNOWN_PACKAGES = ("django", "whitenoise", "servestatic", "storages")

# What a storage may do in its own way when files are collected.
OWN_WAYS = ("file_hash", "hashed_name", "patterns", "url_converter", "post_process")


def find_storage():
    """
    Returns the storage of static files, or only its class if it cannot be made, as without STATIC_ROOT. A storage that
    keeps its files elsewhere is not made either, because it would read its manifest over the network.
    """
    from django.contrib.staticfiles.storage import staticfiles_storage

    kind = storage_class()
    if isinstance(kind, type) and not is_local(kind):
        return kind, None
    try:
        staticfiles_storage.url
        return staticfiles_storage._wrapped, None
    except Exception as error:
        return kind, f"{type(error).__name__}: {error}"


def storage_class():
    from django.utils.module_loading import import_string

    name, _ = storage_setting()
    return import_string(name or "django.contrib.staticfiles.storage.StaticFilesStorage")


def storage_setting():
    """Returns the name of the storage, and its options."""
    from django.conf import settings

    setting = getattr(settings, "STORAGES", {}).get("staticfiles", {})
    return setting.get("BACKEND") or getattr(settings, "STATICFILES_STORAGE", None), setting.get("OPTIONS") or {}


def is_local(kind):
    """Whether `location` is a folder: that of other storages is the start of keys in a bucket."""
    from django.core.files.storage import FileSystemStorage

    return issubclass(kind, FileSystemStorage)


def describe_storage(storage):
    from django.contrib.staticfiles.storage import ManifestFilesMixin

    kind = storage if isinstance(storage, type) else type(storage)
    # A class alone has properties here, not values.
    is_made = storage is not kind and is_local(kind)
    file_mode, folder_mode = modes(storage, is_made)
    manifest_storage = getattr(storage, "manifest_storage", None)
    has_folder = manifest_storage is not None and is_local(type(manifest_storage))
    return {
        "class": dotted_name(kind),
        "bases": [dotted_name(base) for base in kind.__mro__],
        "isLocal": is_local(kind),
        "isManifest": issubclass(kind, ManifestFilesMixin),
        "manifestName": getattr(storage, "manifest_name", None),
        "manifestStrict": getattr(storage, "manifest_strict", None),
        "manifestFolder": manifest_storage.location if has_folder else None,
        "fileMode": file_mode,
        "folderMode": folder_mode,
        "ownWays": [name for name in OWN_WAYS if is_own(kind, name)],
        "location": storage.location if is_made else None,
        "base_url": storage.base_url if is_made else None,
    }


def modes(storage, is_made):
    """Returns the modes of files and of folders; None leaves them to the umask."""
    from django.conf import settings

    if is_made:
        return storage.file_permissions_mode, storage.directory_permissions_mode
    return settings.FILE_UPLOAD_PERMISSIONS, settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS


def is_own(kind, name):
    """Whether the project's own code says what this attribute is."""
    owner = next((base for base in kind.__mro__ if name in vars(base)), None)
    if owner is None or owner.__module__.split(".")[0] in KNOWN_PACKAGES:
        return False
    code = getattr(vars(owner)[name], "__code__", None)
    # A `post_process` that names nothing does nothing: it is there so that `collectstatic` leaves a build alone.
    return name != "post_process" or code is None or bool(code.co_names)


def dotted_name(kind):
    return f"{kind.__module__}.{kind.__qualname__}"
