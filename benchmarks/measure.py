"""Time a piece of work in CPU seconds of this process: several times, the garbage of the others collected before."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """CPU seconds of this process, all its threads together, one figure per repetition."""

    seconds: tuple[float, ...]

    @property
    def best(self) -> float:
        """The smallest: what the work itself costs. The rest is added by the machine."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The middle one: what to expect."""
        return statistics.median(self.seconds)


def measure(work: Callable[[], object], repeats: int, *, warm_up: bool = True) -> Timing:
    """Do `work` `repeats` times and time each; once more before, untimed, unless it takes seconds.

    The garbage collector stays on, as it is for a reader; it starts each repetition with nothing to collect and does
    not look at what was there before.
    """
    return measure_each([work], repeats, warm_up=warm_up)[0]


def measure_each(works: Sequence[Callable[[], object]], repeats: int, *, warm_up: bool = True) -> list[Timing]:
    """Time several works in turn, round after round, so that a slow moment of the machine hits all of them alike."""
    seconds: list[list[float]] = [[] for _ in works]
    for round_ in range(-warm_up, repeats):
        for work, found in zip(works, seconds, strict=True):
            taken = _once(work)
            if round_ >= 0:
                found.append(taken)
    return [Timing(tuple(found)) for found in seconds]


def _once(work: Callable[[], object]) -> float:
    gc.collect()
    gc.freeze()
    try:
        start = time.process_time()
        work()
        return time.process_time() - start
    finally:
        gc.unfreeze()
