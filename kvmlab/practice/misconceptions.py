"""The eleven misconceptions of the book, in the words of its chapters."""

from __future__ import annotations

MISCONCEPTIONS = {
    "M1": "a lock protects code",
    "M2": "passing once means correct",
    "M3": "a deadlock needs two locks in opposite order in two tasks",
    "M4": "taking a lock for reading never waits",
    "M5": "holding only one lock is safe",
    "M6": "a documented order is an enforced order",
    "M7": "trylock is a fix",
    "M8": "a silent lockdep means no deadlock",
    "M9": "waiting for an event is not a lock",
    "M10": "a shorter critical section removes the loop",
    "M11": "dropping the lock keeps the object alive",
}

_FIRST, *_, _LAST = MISCONCEPTIONS
SPAN = f"{_FIRST} to {_LAST}"
"""Which tags there are, for an error: ``M1 to M11``."""
