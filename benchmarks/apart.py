"""``python apart.py BUDGET ANSWER COMMAND…``: run a command within a budget, and write what it took as JSON to a file.

It is a process of its own because it must be small: a command's peak memory counts that of whoever started it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time


def main(budget: float, answer: str, arguments: list[str]) -> None:
    """Run `arguments`, for at most `budget` seconds on the clock."""
    start = time.monotonic()
    pid = os.posix_spawnp(arguments[0], arguments, os.environ, setpgroup=0)
    killed = threading.Event()

    def kill() -> None:
        killed.set()
        os.killpg(pid, signal.SIGKILL)

    timer = threading.Timer(budget, kill)
    timer.start()
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended, and its number is still its own
    except KeyboardInterrupt:
        kill()
    timer.cancel()
    timer.join()
    _, status, usage = os.wait4(pid, 0)
    said = {
        "seconds": usage.ru_utime + usage.ru_stime,
        "elapsed": time.monotonic() - start,
        "memory": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "code": os.waitstatus_to_exitcode(status),
        "in_time": not killed.is_set(),
    }
    with open(answer, "w", encoding="utf-8") as file:
        json.dump(said, file)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2], sys.argv[3:])
