"""Runs a command and prints, as the last line, what it took: seconds, seconds of all processors, bytes of memory."""

import json
import os
import sys
import time

started = time.monotonic()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
seconds = time.monotonic() - started
print(json.dumps({
    "code": os.waitstatus_to_exitcode(status),
    "seconds": seconds,
    "cpu": usage.ru_utime + usage.ru_stime,
    "system": usage.ru_stime,
    # Linux counts in KiB.
    "memory": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
}))
