"""A completion: one task waits until another says "done".

Contract
- ``complete`` lets one waiter through, now or later.
- ``complete_all`` lets everybody through from now on.
- ``wait`` waits for either. Nobody owns a completion, so nobody can be named as the one who keeps it waiting.

Left out: the FIFO order of several waiters, timeouts.

Models: include/linux/completion.h, kernel/sched/completion.c, Linux 6.12.
"""

from __future__ import annotations

from typing import Any

from kvmlab.operation import Operation, Resource, Task, perform

ALL = -1
"""Value of a completion after ``complete_all``."""


def is_done(done: int, task: Task) -> bool:
    """Somebody has said "done" and nobody has used it up."""
    return done != 0


def use_up(done: int, task: Task) -> tuple[int, None]:
    """One "done" less."""
    return (ALL if done == ALL else done - 1), None


def say_done(done: int, task: Task) -> tuple[int, None]:
    """One "done" more."""
    return (ALL if done == ALL else done + 1), None


def say_all_done(done: int, task: Task) -> tuple[int, None]:
    """Everybody passes from now on."""
    return ALL, None


def not_done(done: int, task: Task) -> str:
    """Why a caller waits."""
    return "nobody has completed it"


WAIT = Operation(
    "wait_for_completion", use_up, is_done, why=not_done, sleeps=True, effect_text='when there is a "done": one less'
)
COMPLETE = Operation("complete", say_done, effect_text='always: one "done" more')
COMPLETE_ALL = Operation("complete_all", say_all_done, effect_text="always: no wait waits any more")


class Completion(Resource):
    """A completion. Value: how many waits may still pass, or `ALL`."""

    operations = (WAIT, COMPLETE, COMPLETE_ALL)

    def __init__(self) -> None:
        super().__init__(0)

    def wait(self) -> None:
        """Wait until `complete` has been called for this wait (``wait_for_completion()``)."""
        perform(self, WAIT)

    def complete(self) -> None:
        """Let one waiter through (``complete()``)."""
        perform(self, COMPLETE)

    def complete_all(self) -> None:
        """Let every waiter through, from now on (``complete_all()``)."""
        perform(self, COMPLETE_ALL)

    @classmethod
    def describe(cls, value: int) -> dict[str, Any]:
        """``{"done": how many waits may pass, or "all"}``."""
        return {"done": "all" if value == ALL else value}
