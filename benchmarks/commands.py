"""Commands as they are typed: their CPU seconds, start-up included, and what they print, within a budget."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
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
        memory: the most, in bytes, that it or one of its children had in use at a time.
        output: what it printed.
        code: its exit code.
        in_time: false when its budget ran out and it was killed.
    """

    seconds: float
    elapsed: float
    memory: int
    output: str
    code: int
    in_time: bool


def command(arguments: Sequence[str | Path], budget: float, folder: Path = ROOT) -> Ended:
    """Run a command in `folder`, for at most `budget` seconds on the clock."""
    with tempfile.TemporaryDirectory() as notes:
        answer, output = Path(notes, "answer"), Path(notes, "output")
        apart = [sys.executable, "-I", "-S", Path(__file__).with_name("apart.py"), budget, answer, *arguments]
        with output.open("wb") as printed:
            subprocess.run(
                [str(one) for one in apart],
                cwd=folder, env=_environment(), stdin=subprocess.DEVNULL, stdout=printed, stderr=printed, check=False,
            )  # fmt: skip
        said = output.read_text(encoding="utf-8", errors="replace")
        if not answer.exists():
            raise RuntimeError(f"{arguments[0]} could not be started: {said.strip()}")
        return Ended(**json.loads(answer.read_text(encoding="utf-8")), output=said)


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
