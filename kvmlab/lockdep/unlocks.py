"""Whether each unlock of a scenario is of the kind of its acquisition: a read is not given back by `unlock`.

Lockdep itself is not told which it is (lock_release(), 6.12), so a history with the wrong one would pass unnoticed.
What a task gives back without holding it is lockdep's to report, and is let be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kvmlab.lockdep.scenarios import Event, Step

WRITES = ("lock", "trylock", "lock_nested", "lock_nest_lock")
READS = ("read_lock", "read_trylock")
ENDS = {"unlock": WRITES, "read_unlock": READS}


def misfits(steps: Iterable[Step], one_task_per_step: bool) -> Iterator[tuple[int, int, str]]:
    """The unlocks that fit none of the acquisitions that the task has not given back: step, event, what is wrong."""
    held: dict[str, list[str]] = {}
    for number, step in enumerate(steps):
        if one_task_per_step:
            held = {}
        for at, event in enumerate(step.events):
            mine = held.setdefault(event.lock, [])
            if event.name in ENDS:
                fitting = [place for place, name in enumerate(mine) if name in ENDS[event.name]]
                if fitting:
                    del mine[fitting[-1]]
                elif mine:
                    meant = next(name for name, begins in ENDS.items() if mine[-1] in begins)
                    yield number, at, f"{event.name!r} does not fit {mine[-1]!r} of {event.lock!r}; write {meant!r}"
            elif event.name in (*WRITES, *READS) and not _fails(event, mine):
                mine.append(event.name)


def _fails(event: Event, mine: list[str]) -> bool:
    """Whether a try must fail because the task holds the lock itself."""
    if event.name == "trylock":
        return bool(mine)
    return event.name == "read_trylock" and any(name in WRITES for name in mine)
