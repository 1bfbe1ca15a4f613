"""A statement that a lock is held, checked when it is made.

Contract
- ``lockdep_assert_held(lock)`` is an error unless the task that says so holds the lock, as a reader or as a writer.
- It is an operation like others: the schedules in which it fails are found.

Left out: the kernel checks it only where lockdep is built in, and prints a warning instead of stopping the task.

Models: lockdep_assert_held(), Linux 6.12.
"""

from __future__ import annotations

from typing import Any

from kvmlab.errors import LockError, ScenarioError, shown
from kvmlab.operation import Fault, Operation, Resource, Task, perform


def is_held(value: Any, task: Task, kind: type[Resource]) -> tuple[Any, Any]:
    """Nothing changes; an error unless the caller holds it."""
    if task in kind.held_by(value):
        return value, None
    return value, Fault(LockError, "{task} states that it holds {lock}, and does not.")


ASSERT_HELD = Operation(
    "lockdep_assert_held", is_held, reads=lambda result: True, effect_text="always: an error unless the caller holds it"
)


def lockdep_assert_held(lock: Resource) -> None:
    """State that this task holds `lock` (``lockdep_assert_held()``).

    Raises:
        LockError: it does not.
        ScenarioError: `lock` is no lock.
    """
    if not isinstance(lock, Resource):
        raise ScenarioError(
            f"lockdep_assert_held takes a lock, not {shown(lock)}: write lockdep_assert_held(w.kvm_lock)"
        )
    perform(lock, ASSERT_HELD, type(lock))
