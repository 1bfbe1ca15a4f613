"""Commands as they are typed: their CPU seconds, start-up included, and what they print, within a budget."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        seconds: CPU time, its children's included if it has waited for them.
        elapsed: seconds on the clock.
        output: what it printed.
        code: its exit code.
        in_time: false when its budget ran out and it was killed.
    """

    seconds: float
    elapsed: float
    output: str
    code: int
    in_time: bool


def command(arguments: Sequence[str | Path], budget: float, folder: Path = ROOT) -> Ended:
    """Run a command in `folder`, for at most `budget` seconds on the clock."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            [str(argument) for argument in arguments],
            cwd=folder, env=_environment(), stdin=subprocess.DEVNULL, stdout=printed, stderr=printed,
            start_new_session=True,
        )  # fmt: skip
        killed = threading.Event()

        def kill() -> None:
            killed.set()
            os.killpg(process.pid, signal.SIGKILL)

        timer = threading.Timer(budget, kill)
        timer.start()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and its number is still its own
        timer.cancel()
        timer.join()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        output = printed.read().decode(errors="replace")
    seconds = usage.ru_utime + usage.ru_stime
    return Ended(seconds, time.monotonic() - start, output, process.returncode, not killed.is_set())


def _environment() -> Mapping[str, str]:
    """This process's, without what would lead another Python astray."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


PEAK = """
import sys
from pathlib import Path
{code}
fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(fields["VmHWM"].split()[0]) * 1024)
"""


def peak_memory(code: str) -> int | None:
    """The most memory, in bytes, that a Python which runs `code` has in use at a time; None where nobody can say."""
    if not Path("/proc/self/status").exists():
        return None
    done = subprocess.run(
        [sys.executable, "-c", PEAK.format(code=code)],
        cwd=ROOT, env=_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(done.stdout.split()[-1])
