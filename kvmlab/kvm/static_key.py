"""A static key: a count that is read for free, because raising it from 0 rewrites the machine code of its readers.

Contract
- ``slow_inc`` takes the hotplug lock as a reader *always*, also when only the counter goes up.
- ``jump_label_mutex``, one for all keys, it takes only for the step from 0 to 1.
- ``slow_dec`` likewise: the hotplug lock always, the mutex only for the step from 1 to 0.
- ``slow_dec_deferred`` takes no lock. While the count stays above 0 it goes down at once; the step from 1 to 0 is left
  to a worker, who runs ``run_deferred_work``.
- ``slow_inc_cpuslocked`` is for callers who hold the hotplug lock already; they must not take it twice.
- The order is the hotplug lock, then ``jump_label_mutex``.

Left out: ``text_mutex``, the rewriting itself and its IPIs, the delay of a deferred decrement; and whether a caller of
``slow_inc_cpuslocked`` really holds the lock (see `lockdep_assert_held`).

Models: kernel/jump_label.c (static_key_slow_inc, static_branch_slow_dec_deferred), Linux 7.3; the _cpuslocked variants
exist since v4.14.
"""

from __future__ import annotations

from typing import Any

from kvmlab.errors import RefcountError
from kvmlab.operation import Fault, Operation, Resource, Task, perform
from kvmlab.primitives import Completion, Mutex, PercpuRwsem


def inc_if_on(count: int, task: Task) -> tuple[int, bool]:
    """One more if the key is on. Result: was it?"""
    return (count + 1, True) if count else (0, False)


def inc(count: int, task: Task) -> tuple[int, None]:
    """One more; from 0 the code is rewritten, and the key is on."""
    return count + 1, None


def dec_unless_last(count: int, task: Task) -> tuple[int, Any]:
    """One less if the key stays on. Result: does it? An error at 0."""
    if count == 0:
        return 0, Fault(RefcountError, "{task} drops {lock} below 0: one decrement too many.")
    return (count - 1, True) if count > 1 else (1, False)


def dec(count: int, task: Task) -> tuple[int, Any]:
    """One less; at 0 the code is rewritten, and the key is off."""
    if count == 0:
        return 0, Fault(RefcountError, "{task} drops {lock} below 0: one decrement too many.")
    return count - 1, None


def look(count: int, task: Task) -> tuple[int, bool]:
    """Is the key on?"""
    return count, count > 0


INC_IF_ON = Operation(
    "static_key_slow_inc", inc_if_on, reads=lambda did: did is False,
    effect_text="always: if the key is on, one more and result True; else result False",
)  # fmt: skip
INC = Operation("static_key_slow_inc (patch)", inc, effect_text="always: one more; at 1 the key is on")
DEC_UNLESS_LAST = Operation(
    "static_key_slow_dec", dec_unless_last, reads=lambda did: did is False,
    effect_text="always: if more than 1, one less and result True; else result False; an error at 0",
)  # fmt: skip
DEC = Operation("static_key_slow_dec (patch)", dec, effect_text="always: one less; at 0 the key is off; an error at 0")
READ = Operation("static_key_enabled", look, reads=lambda on: True, effect_text="always: result whether the key is on")


class StaticKey(Resource):
    """A static key. Value: its count; the key is on when that is above 0.

    Args:
        cpu_hotplug_lock: the machine's.
        jump_label_mutex: the machine's, one for all keys.
        count: where it starts.

    Attributes:
        work: completed once for each decrement that is left to the worker.
    """

    operations = (INC_IF_ON, INC, DEC_UNLESS_LAST, DEC, READ)

    def __init__(self, cpu_hotplug_lock: PercpuRwsem, jump_label_mutex: Mutex, count: int = 0) -> None:
        super().__init__(count)
        self.cpu_hotplug_lock = cpu_hotplug_lock
        self.jump_label_mutex = jump_label_mutex
        self.work = Completion()

    def is_on(self) -> bool:
        """Whether the count is above 0. Never waits."""
        return bool(perform(self, READ))

    def slow_inc(self) -> None:
        """Add one, under the hotplug lock (``static_key_slow_inc()``, ``static_branch_inc()``)."""
        with self.cpu_hotplug_lock.read():
            self.slow_inc_cpuslocked()

    def slow_inc_cpuslocked(self) -> None:
        """Add one; the caller holds the hotplug lock (the ``_cpuslocked`` variant)."""
        if not perform(self, INC_IF_ON):
            with self.jump_label_mutex:
                perform(self, INC)

    def slow_dec(self) -> None:
        """Take one off, under the hotplug lock.

        Raises:
            RefcountError: the count was 0.
        """
        with self.cpu_hotplug_lock.read():
            if not perform(self, DEC_UNLESS_LAST):
                with self.jump_label_mutex:
                    perform(self, DEC)

    def slow_dec_deferred(self) -> None:
        """Take one off; the step to 0 is left to the worker (``static_branch_slow_dec_deferred()``). Never waits.

        Raises:
            RefcountError: the count was 0.
        """
        if not perform(self, DEC_UNLESS_LAST):
            self.work.complete()

    def run_deferred_work(self) -> None:
        """What the worker does: wait for one decrement that was left to it, and do it."""
        self.work.wait()
        self.slow_dec()

    @classmethod
    def describe(cls, value: int) -> dict[str, Any]:
        """``{"count": int}``."""
        return {"count": value}
