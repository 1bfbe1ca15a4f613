"""One notebook, in a process of its own: run its cells, then try the answer to each of some tasks.

Usage: python -m kvmlab.practice.grading.worker NOTEBOOK < ORDER

ORDER is a JSON object: the `tasks` to try; `memory` in bytes, 0 sets no limit; how many seconds a cell and a check may
take, which whoever started this sees to; the file descriptor `pipe` and the `token` for what is told, as `events` says,
so that whatever the notebook prints or breaks, what was graded is told. It comes over stdin, which a notebook cannot
read again.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from kvmlab.practice.check import checked
from kvmlab.practice.grading.events import CHECKS, END, TOO_SMALL, line
from kvmlab.practice.grading.failures import Failure, explained, raised
from kvmlab.practice.task import Task, task

Tell = Callable[..., None]

LARGEST_FILE = 100_000_000
"""How many bytes a file may have that a notebook writes."""

LONGEST_REASON = 2_000
"""How many characters of a reason are told: an answer may raise an error of any length."""

ROOM = 32_000_000
"""Bytes of memory that a notebook has at least, beside what is taken before it starts."""


def main(arguments: list[str]) -> int:
    """Grade the notebook on the command line."""
    (path,) = arguments
    order = json.loads(sys.stdin.buffer.read())

    def tell(**event: str) -> None:
        os.write(order["pipe"], line(order["token"], event))

    stop = Stop()
    shell: Any = InteractiveShell.instance()
    wanted = [task(one) for one in order["tasks"]]
    if order["memory"] and order["memory"] < taken() + ROOM:
        tell(at=TOO_SMALL)
        return 1
    limit(order["memory"])
    failures = list(run_cells(shell, json.loads(Path(path).read_bytes())["cells"], order["cell_seconds"], stop, tell))
    tell(at=CHECKS)
    for one in wanted:
        try_answer(one, shell.user_ns, failures, order["check_seconds"], stop, tell)
    tell(at=END)
    return 0


class Stop:
    """Being asked to stop: it interrupts what runs inside ``with``, and nothing else.

    Attributes:
        asked: whether what ran inside was interrupted.
    """

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def __enter__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGINT, self._interrupt)  # each time: a cell may have its own, or a shell none

    def __exit__(self, *exception: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        raise KeyboardInterrupt


def taken() -> int:
    """How many bytes of address space this process has taken; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def limit(memory: int) -> None:
    """Bound what this process may use."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for what, most in ((resource.RLIMIT_FSIZE, LARGEST_FILE), (resource.RLIMIT_AS, memory)):
        hard = resource.getrlimit(what)[1]
        if most:
            bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (bound, bound))


def run_cells(shell: Any, cells: list[Any], seconds: float, stop: Stop, tell: Tell) -> Iterable[Failure]:
    """Run the code cells from top to bottom; the failures. One that fails does not keep the next from running.

    Checks are left out: they are done at the end, when nothing can change the names any more.
    """
    for number, cell in enumerate(cells, 1):
        marks = cell.get("metadata", {}).get("nbgrader")
        marks = marks if isinstance(marks, dict) else {}
        if cell["cell_type"] != "code" or (marks.get("grade") and not marks.get("solution")):
            continue
        source = "".join(cell.get("source", ""))
        tell(at=f"cell {number}")
        what = run(shell, source, stop)
        if what:
            what = f"did not end within {seconds:g} seconds" if stop.asked else what
            yield Failure(number, what, source, str(marks.get("grade_id", "")))


def run(shell: Any, source: str, stop: Stop) -> str:
    """Run one cell; what became of it, empty if it came to its end."""
    try:
        with stop:
            ended = shell.run_cell(source, store_history=False)
            error = ended.error_before_exec or ended.error_in_exec
            return raised(error) if error else ""
    except BaseException as error:
        return raised(error)


def try_answer(
    one: Task, namespace: dict[str, Any], failures: Sequence[Failure], seconds: float, stop: Stop, tell: Tell
) -> None:
    """Try the answer to a task and tell what came out."""
    tell(at=one.id)
    try:
        with stop:
            result = checked(one, namespace, record=False, seconds=None)  # a loaded machine changes no grade
        outcome, reason = explained(one, result, namespace, failures)
    except MemoryError:
        outcome, reason = "not graded", "The check ran out of memory."
    except BaseException as error:
        outcome, reason = "not yet", f"The answer {raised(error)}."
        if stop.asked:
            outcome, reason = "not graded", f"The check did not end within {seconds:g} seconds."
    tell(task=one.id, outcome=outcome, reason=reason[:LONGEST_REASON])


if __name__ == "__main__":
    code = 1
    try:
        code = main(sys.argv[1:])
    finally:
        os._exit(code)  # a thread that a notebook left behind does not keep us
