"""A notifier chain: functions that want to be told, called one after another inside an SRCU reader.

Contract
- ``call`` calls every function that was registered when it began, in the order in which they registered, inside a
  read-side critical section of the chain's own SRCU domain. The functions may sleep.
- ``unregister`` takes a function off and then waits for a grace period: once it has returned, no call of the function
  is under way. So a function must not unregister from its own chain; it would wait for itself.
- Who holds a lock around ``unregister`` waits for every function of the chain, whatever that one waits for.

Left out: priorities, return values that stop the chain, and any lock around registration, which is one step here.

Models: kernel/notifier.c (srcu_notifier_call_chain), Linux 6.12; CPUFREQ_TRANSITION_NOTIFIER is such a chain,
drivers/cpufreq/cpufreq.c.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from kvmlab.errors import LockError, ScenarioError
from kvmlab.operation import Fault, Operation, Resource, Task, perform
from kvmlab.primitives import SRCU

Callback = Callable[..., object]


def put_last(callbacks: tuple[Callback, ...], task: Task, callback: Callback) -> tuple[tuple[Callback, ...], Any]:
    """The function is the last; an error if it is on the chain already."""
    if callback in callbacks:
        return callbacks, Fault(LockError, f"{{task}} registers {name_of(callback)} with {{lock}} a second time.")
    return (*callbacks, callback), None


def take_off(callbacks: tuple[Callback, ...], task: Task, callback: Callback) -> tuple[tuple[Callback, ...], Any]:
    """The function is off the chain; an error unless it was on it."""
    if callback not in callbacks:
        return callbacks, Fault(LockError, f"{{task}} takes {name_of(callback)} off {{lock}}, but it is not on it.")
    return tuple(one for one in callbacks if one is not callback), None


def look(callbacks: tuple[Callback, ...], task: Task) -> tuple[tuple[Callback, ...], tuple[Callback, ...]]:
    """The functions, in order."""
    return callbacks, callbacks


REGISTER = Operation("notifier_register", put_last, effect_text="always: the function is the last of the chain")
UNREGISTER = Operation("notifier_unregister", take_off, effect_text="always: the function is off the chain")
READ = Operation("notifier_call_chain", look, reads=lambda callbacks: True, effect_text="always: result the functions")


class NotifierChain(Resource):
    """An SRCU notifier chain. Value: its functions, in order.

    Attributes:
        srcu: held for reading around the functions.
    """

    operations = (REGISTER, UNREGISTER, READ)

    def __init__(self) -> None:
        super().__init__(())
        self.srcu = SRCU()

    def register(self, callback: Callback) -> None:
        """Have `callback` called from now on.

        Raises:
            LockError: it is on the chain already.
            ScenarioError: it is not the same function in every run.
        """
        perform(self, REGISTER, same_in_every_run(callback))

    def unregister(self, callback: Callback) -> None:
        """Take `callback` off and wait until nobody calls it any more.

        Raises:
            LockError: it is not on the chain.
        """
        perform(self, UNREGISTER, callback)
        self.srcu.synchronize()

    def call(self, *args: Any) -> None:
        """Call every function of the chain with `args`, inside the SRCU reader (``srcu_notifier_call_chain()``)."""
        with self.srcu.read():
            for callback in perform(self, READ):
                callback(*args)

    @classmethod
    def describe(cls, value: tuple[Callback, ...]) -> dict[str, Any]:
        """``{"callbacks": names in order}``."""
        return {"callbacks": [name_of(callback) for callback in value]}


def name_of(callback: Callback) -> str:
    """What to call the function."""
    return getattr(callback, "__name__", type(callback).__name__)


def same_in_every_run(callback: Callback) -> Callback:
    """`callback`, if runs can be compared by it: a function that is not made anew with each world.

    Raises:
        ScenarioError: it is a method, a partial, or a function inside a function.
    """
    if isinstance(callback, FunctionType) and "<locals>" not in callback.__qualname__:
        return callback
    raise ScenarioError(
        f"a notifier chain takes a function written at the top level, not {name_of(callback)}: every run must register "
        "the same one. Give what it needs as an argument of call()."
    )
