"""`Barrier`: everybody waits until a given number has arrived.

Models: the standard library's `threading`, CPython 3.11 to 3.13. A barrier fills, then drains; who comes while it
drains waits for the next round. While the action runs nobody else gets at the barrier.
"""

from __future__ import annotations

import threading as real
from collections.abc import Callable
from typing import Any, NamedTuple

from kvmlab.errors import Unwound
from kvmlab.operation import Fault, Operation, Task, names
from kvmlab.threading.twin import Twin

FILLING, DRAINING, RESETTING, BROKEN = "filling", "draining", "resetting", "broken"


class BarrierState(NamedTuple):
    """Value of a barrier: its phase, who is inside, and who runs the action (nobody else moves it meanwhile)."""

    phase: str = FILLING
    inside: tuple[Task, ...] = ()
    acting: Task | None = None


_BROKEN = Fault(real.BrokenBarrierError, "")


def can_enter(barrier: BarrierState, task: Task, *args: Any) -> bool:
    """The round before is over."""
    return barrier.acting is None and barrier.phase in (FILLING, BROKEN)


def enter(barrier: BarrierState, task: Task, parties: int, acts: bool) -> tuple[BarrierState, Any]:
    """The caller is inside. Result: how many came before it, and whether it was the last."""
    if barrier.phase == BROKEN:
        return barrier, _BROKEN
    index, inside = len(barrier.inside), (*barrier.inside, task)
    if len(inside) != parties:
        return barrier._replace(inside=inside), (index, False)
    if acts:
        return barrier._replace(inside=inside, acting=task), (index, True)
    return _without(barrier._replace(phase=DRAINING, inside=inside), task), (index, True)


def finish(barrier: BarrierState, task: Task, succeeded: bool) -> tuple[BarrierState, None]:
    """The action is over: everybody goes, or the barrier is broken."""
    return _without(BarrierState(DRAINING if succeeded else BROKEN, barrier.inside), task), None


def can_leave(barrier: BarrierState, task: Task) -> bool:
    """The barrier no longer fills."""
    return barrier.acting is None and barrier.phase != FILLING


def not_full(barrier: BarrierState, task: Task) -> bool:
    """The barrier still fills, and no action keeps it."""
    return barrier.acting is None and barrier.phase == FILLING


def leave(barrier: BarrierState, task: Task) -> tuple[BarrierState, Any]:
    """The caller is outside; an error if the barrier was broken or reset. It breaks if the time is up first."""
    if barrier.phase == FILLING:
        barrier = barrier._replace(phase=BROKEN)
    return _without(barrier, task), None if barrier.phase == DRAINING else _BROKEN


def _without(barrier: BarrierState, task: Task) -> BarrierState:
    inside = tuple(other for other in barrier.inside if other != task)
    phase = FILLING if not inside and barrier.phase in (DRAINING, RESETTING) else barrier.phase
    return BarrierState(phase, inside)


def is_quiet(barrier: BarrierState, task: Task) -> bool:
    """No action is running."""
    return barrier.acting is None


def reset(barrier: BarrierState, task: Task) -> tuple[BarrierState, None]:
    """Who is inside gets an error; the barrier starts anew."""
    if not barrier.inside:
        return barrier._replace(phase=FILLING), None
    return (barrier._replace(phase=RESETTING) if barrier.phase in (FILLING, BROKEN) else barrier), None


def abort(barrier: BarrierState, task: Task) -> tuple[BarrierState, None]:
    """The barrier is broken."""
    return barrier._replace(phase=BROKEN), None


def look(barrier: BarrierState, task: Task) -> tuple[BarrierState, tuple[str, int]]:
    """Result: the phase, and how many are inside."""
    return barrier, (barrier.phase, len(barrier.inside))


def others_inside(barrier: BarrierState, task: Task, *args: Any) -> tuple[Task, ...]:
    """Whom a caller waits for while the round before is not over."""
    return (barrier.acting,) if barrier.acting else barrier.inside


def nobody_or_actor(barrier: BarrierState, task: Task) -> tuple[Task, ...]:
    """Whom a caller inside waits for: whoever runs the action, else nobody in particular."""
    return (barrier.acting,) if barrier.acting else ()


def not_over(barrier: BarrierState, task: Task, *args: Any) -> str:
    """Why a caller waits outside."""
    return f"{names(others_inside(barrier, task), task)} must leave it first"


def not_all_here(barrier: BarrierState, task: Task) -> str:
    """Why a caller waits inside."""
    if barrier.acting:
        return f"{barrier.acting} runs its action"
    return f"only {len(barrier.inside)} have arrived"


ENTER = Operation(
    "wait", enter, can_enter, others_inside, not_over,
    effect_text="when the round before is over: the caller is inside; the last one lets all go; an error if broken",
)  # fmt: skip
LEAVE = Operation(
    "wait (for the others)", leave, can_leave, nobody_or_actor, not_all_here,
    effect_text="when all have arrived: the caller is outside; an error if broken or reset",
)  # fmt: skip
LEAVE_TIMED = Operation(
    "wait (for the others, timeout)", leave, can_leave, nobody_or_actor, not_all_here, expires=not_full,
    assumes="timeout",
    effect_text="as wait; or, at any moment before: the barrier breaks",
)  # fmt: skip
LEAVE_NOW = Operation(
    "wait (for the others, timeout 0)", leave, is_quiet, nobody_or_actor, not_all_here,
    effect_text="when no action runs: the caller is outside; if the barrier still fills, it breaks",
)  # fmt: skip
FINISH = Operation("end of action", finish, effect_text="always: all may go; if the action raised, the barrier breaks")
RESET = Operation(
    "reset", reset, is_quiet, nobody_or_actor, not_all_here, effect_text="when no action runs: start anew"
)
ABORT = Operation("abort", abort, is_quiet, nobody_or_actor, not_all_here, effect_text="when no action runs: it breaks")
LOOK = Operation("look", look, reads=lambda result: True, effect_text="always: result the phase and who is inside")


class Barrier(Twin):
    """`threading.Barrier`. Value: a `BarrierState`."""

    operations = (ENTER, LEAVE, LEAVE_TIMED, LEAVE_NOW, FINISH, RESET, ABORT, LOOK)

    def __init__(self, parties: int, action: Callable[[], Any] | None = None, timeout: float | None = None) -> None:
        checked = real.Barrier(parties, action, timeout)  # refuses what the standard library refuses
        super().__init__(BarrierState())
        self._parties = parties
        self._action = action
        self._timeout = timeout
        if self.home is None:
            self._real = checked

    def wait(self, timeout: float | None = None) -> int:
        """As `threading.Barrier.wait`."""
        if self._outside():
            return int(self._real.wait(timeout))
        timeout = self._timeout if timeout is None else timeout
        index, last = self._do(ENTER, self._parties, self._action is not None)
        if not last:
            self._do(LEAVE if timeout is None else LEAVE_TIMED if timeout > 0 else LEAVE_NOW)
        elif self._action is not None:
            try:
                self._action()
            except Unwound:
                raise
            except BaseException:
                self._do(FINISH, False)
                raise
            self._do(FINISH, True)
        return int(index)

    def reset(self) -> None:
        """As `threading.Barrier.reset`."""
        if self._outside():
            self._real.reset()
        else:
            self._do(RESET)

    def abort(self) -> None:
        """As `threading.Barrier.abort`."""
        if self._outside():
            self._real.abort()
        else:
            self._do(ABORT)

    @property
    def parties(self) -> int:
        """How many have to arrive."""
        return self._parties

    @property
    def n_waiting(self) -> int:
        """How many have arrived; 0 unless the barrier fills."""
        if self._outside():
            return int(self._real.n_waiting)
        phase, count = self._do(LOOK)
        return int(count) if phase == FILLING else 0

    @property
    def broken(self) -> bool:
        """Whether it is broken."""
        return bool(self._real.broken if self._outside() else self._do(LOOK)[0] == BROKEN)

    @classmethod
    def describe(cls, value: BarrierState) -> dict[str, Any]:
        """``{"phase": …, "inside": [tasks], "acting": task or None}``."""
        return {"phase": value.phase, "inside": list(value.inside), "acting": value.acting}
