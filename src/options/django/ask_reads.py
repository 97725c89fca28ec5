"""What an answer depends on. Nothing here may change what Django does: what is observed is copied, and errors are kept."""

import os
import sys
import sysconfig
from urllib.parse import unquote

# Clients in C, whose connections Python does not see.
NATIVE_CLIENTS = ("psycopg", "psycopg2", "MySQLdb", "oracledb", "cx_Oracle", "pyodbc", "grpc")

# What settings may ask, and what leaves no trace on the disk. (They do not see what `os.system` prints.)
PROGRAMS = ("subprocess.Popen", "os.posix_spawn", "os.spawn")
SERVERS = ("socket.connect", "socket.getaddrinfo")


class Reads:
    """Records the project's files that are read, the environment variables that are looked up, and who else is asked."""

    def __init__(self):
        self.environ = set()
        self.files = set()
        self.modules = set()
        self.others = set()
        self.active = False
        self.libraries = [os.path.join(each, "") for each in library_folders()]
        sys.addaudithook(self.audit)
        record_environ(self.environ)

    def __enter__(self):
        self.active = True
        self.known = set(sys.modules)

    def __exit__(self, *_):
        self.active = False
        imported = set(sys.modules) - self.known
        self.add_modules(imported)
        # A project's stand-in (`pymysql.install_as_MySQLdb()`) has another name.
        names = {getattr(sys.modules.get(each), "__name__", None) for each in imported}
        self.others |= names.intersection(NATIVE_CLIENTS)

    def audit(self, event, arguments):
        # What is raised here would end what Django is doing.
        try:
            if event == "sqlite3.connect":
                self.add_database(arguments[0])
            elif self.active and event == "open":
                self.add_file(arguments[0])
            elif self.active and event in PROGRAMS:
                self.others.add("a program")
            elif self.active and event in SERVERS:
                self.others.add("a server")
        except Exception:
            pass

    def add_file(self, file):
        # Not a number, which is a file that is open already.
        if not isinstance(file, int):
            # At once: the working directory may change.
            self.files.add(os.path.abspath(str.__str__(os.fsdecode(file))))

    def add_database(self, file):
        name = os.fsdecode(file)
        if name.startswith("file:"):
            name = unquote(name[len("file:") :].split("?")[0])
        if name not in ("", ":memory:"):
            self.files |= {os.path.abspath(name + end) for end in ("", "-wal")}

    def watch_databases(self):
        from django.db.backends.signals import connection_created

        connection_created.connect(self.note_connection)

    def note_connection(self, connection=None, **_):
        # The files of SQLite are seen when they are opened.
        if getattr(connection, "vendor", None) != "sqlite":
            self.others.add("a database")

    def add_app_modules(self):
        from django.apps import apps

        for config in apps.get_app_configs():
            self.add_modules([type(config).__module__, config.name])

    def add_modules(self, names):
        files = {getattr(sys.modules.get(name), "__file__", None) for name in names}
        self.modules |= {each for each in files if isinstance(each, str)}

    def describe(self, manage):
        # Threads of the settings may go on reading.
        files = {*map(os.path.abspath, [*list(self.modules), manage]), *list(self.files)}
        return {
            "files": sorted(each for each in files if self.is_relevant(each)),
            "environ": ["*"] if "*" in self.environ else sorted(list(self.environ)),
            "others": sorted(list(self.others)),
        }

    def is_relevant(self, file):
        if file.endswith(".pyc") or file.startswith(("/proc/", "/sys/", "/dev/")):
            return False
        return not any(file.startswith(each) for each in self.libraries)


def record_environ(names):
    """Records the names that are looked up in os.environ and os.environb, which share their data; all of them as `*`."""

    class Recorded(dict):
        def __getitem__(self, key):
            names.add(os.fsdecode(key))
            return super().__getitem__(key)

        def __iter__(self):
            names.add("*")
            # A copy, because threads may set variables meanwhile.
            return iter(list(super().keys()))

    try:
        os.environ._data = Recorded(os.environ._data)
        if hasattr(os, "environb"):
            os.environb._data = os.environ._data
    except AttributeError:
        names.add("*")


def library_folders():
    paths = sysconfig.get_paths()
    return {paths[each] for each in ("stdlib", "platstdlib", "purelib", "platlib")} | {os.path.dirname(__file__)}


def packages():
    """Returns the folders that change when packages come or go."""
    paths = sysconfig.get_paths()
    return sorted({paths["purelib"], paths["platlib"], os.path.join(sys.prefix, "pyvenv.cfg")})
