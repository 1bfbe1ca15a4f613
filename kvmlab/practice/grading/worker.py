"""One notebook, in a process of its own: run its cells, then try the answer to each task of its chapter.

Usage: python -m kvmlab.practice.grading.worker NOTEBOOK CHAPTER FD MEMORY

What happens is written to the file descriptor FD, one JSON object a line, so that whatever the notebook prints or
breaks, what was graded is told. MEMORY is in bytes; 0 sets no limit.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Tell = Callable[..., None]

LARGEST_FILE = 100_000_000
"""How many bytes a file may have that a notebook writes."""


def main(arguments: list[str]) -> int:
    """Grade the notebook on the command line."""
    path, chapter, descriptor, memory = arguments
    pipe = int(descriptor)

    def tell(**event: Any) -> None:
        os.write(pipe, (json.dumps(event) + "\n").encode())

    limit(int(memory))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it, and so would we
    from kvmlab.practice.check import checked
    from kvmlab.practice.task import tasks

    namespace = run_cells(json.loads(Path(path).read_bytes())["cells"], tell)
    for task in tasks(chapter):
        tell(at=task.id)
        try:
            result = checked(task, namespace, record=False, seconds=None)  # a loaded machine changes no grade
        except KeyboardInterrupt:
            tell(task=task.id, outcome="not graded", reason="The check took too long.")
        except MemoryError:
            tell(task=task.id, outcome="not graded", reason="The check ran out of memory.")
        else:
            tell(task=task.id, outcome=result.outcome, reason=result.reason)
    tell(done=True)
    return 0


def limit(memory: int) -> None:
    """Bound what this process may use."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def run_cells(cells: list[Any], tell: Tell) -> dict[str, Any]:
    """The names that the code cells define, run from top to bottom. One that fails does not keep the next from running.

    Checks are left out: they are done at the end, when nothing can change the names any more.
    """
    from IPython.core.interactiveshell import InteractiveShell

    shell: Any = InteractiveShell.instance()
    for number, cell in enumerate(cells, 1):
        marks = cell.get("metadata", {}).get("nbgrader", {})
        if cell.get("cell_type") != "code" or (marks.get("grade") and not marks.get("solution")):
            continue
        tell(at=f"cell {number}")
        try:
            shell.run_cell("".join(cell.get("source", "")), store_history=False)
        except (KeyboardInterrupt, SystemExit):
            continue
    namespace: dict[str, Any] = shell.user_ns
    return namespace


if __name__ == "__main__":
    code = 1
    try:
        code = main(sys.argv[1:])
    finally:
        os._exit(code)  # a thread that a notebook left behind does not keep us
