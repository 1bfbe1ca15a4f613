"""What the tasks of a scenario have really taken, whatever lockdep makes of it.

Lockdep itself is not told which kind of acquisition an unlock ends (lock_release(), 6.12), so a history with the wrong
one would pass unnoticed; and its own books can no longer tell the locks of one nest_lock section apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kvmlab.lockdep.scenarios import Event, Step

WRITES = ("lock", "trylock", "lock_nested", "lock_nest_lock")
READS = ("read_lock", "read_trylock")
ENDS = {"unlock": WRITES, "read_unlock": READS}


class Taken:
    """The acquisitions of one task that it has not given back, by lock."""

    def __init__(self) -> None:
        self._by_lock: defaultdict[str, list[str]] = defaultdict(list)

    def fails(self, event: Event) -> bool:
        """Whether a try must fail because the task is in its own way; a failed try is no acquisition."""
        mine = self._by_lock[event.lock]
        if event.name == "trylock":
            return bool(mine)
        return event.name == "read_trylock" and any(name in WRITES for name in mine)

    def note(self, event: Event) -> str | None:
        """Take an event down. What is wrong with an unlock that fits none of the acquisitions of its lock, else None.

        What a task gives back without holding it is lockdep's to report, and is let be.
        """
        mine = self._by_lock[event.lock]
        if event.name in ENDS:
            fitting = [place for place, name in enumerate(mine) if name in ENDS[event.name]]
            if fitting:
                del mine[fitting[-1]]
            elif mine:
                meant = next(name for name, begins in ENDS.items() if mine[-1] in begins)
                return f"{event.name!r} does not fit {mine[-1]!r} of {event.lock!r}; write {meant!r}"
        elif event.name in (*WRITES, *READS) and not self.fails(event):
            mine.append(event.name)
        return None


def misfits(steps: Iterable[Step], one_task_per_step: bool) -> Iterator[tuple[int, int, str]]:
    """The unlocks that are not of the kind of their acquisition: step, event, what is wrong."""
    taken = Taken()
    for number, step in enumerate(steps):
        if one_task_per_step:
            taken = Taken()
        for at, event in enumerate(step.events):
            if (wrong := taken.note(event)) is not None:
                yield number, at, wrong
