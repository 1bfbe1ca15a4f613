"""The protocol that everything else is built on: a resource is a value, an operation is a pure pair.

*When the guard holds, do the effect.* A mutex's ``lock`` is "when nobody owns me: the caller owns me". A runtime may
perform an operation at once, make its task wait until the guard holds, or try it on a copy of the value: guards and
effects look at nothing but the value and the task's name, and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from threading import get_ident
from typing import Any, ClassVar, NoReturn, Protocol

from kvmlab.errors import ForeignObject, LockError, ScenarioError, SleepInAtomic, UseAfterFree, WouldBlock
from kvmlab.location import NOWHERE, caller
from kvmlab.second_person import YOU, to_you
from kvmlab.world import Actor, Enrolled, here

Value = Hashable
Task = str


@dataclass(frozen=True, slots=True)
class Fault:
    """The result of an operation that broke its contract; the task gets it as an exception.

    Attributes:
        error: the exception class.
        text: what happened; ``{lock}`` and ``{task}`` stand for the names.
    """

    error: type[Exception]
    text: str

    def exception(self, lock: str, task: str) -> Exception:
        """The exception to raise in the task."""
        text = to_you(self.text) if task == YOU else self.text
        error = self.error(text.replace("{lock}", lock).replace("{task}", task))
        if isinstance(error, LockError):
            error.lock = lock
        return error


def always(value: Any, task: Task, *args: Any) -> bool:
    """The guard of an operation that never waits."""
    return True


def nobody(value: Any, task: Task, *args: Any) -> tuple[Task, ...]:
    """Nobody in particular is waited for."""
    return ()


def unexplained(value: Any, task: Task, *args: Any) -> str:
    """The reason for a wait, when the primitive gives none of its own."""
    return "nobody is left to end the wait"


def names(tasks: Iterable[Task], me: Task) -> str:
    """``a``, ``a and b``, ``a, b and c``; `me` is called "it"."""
    listed = ["it" if task == me else task for task in tasks]
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 2 else listed)


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One kind of step on one kind of resource.

    Attributes:
        name: the kernel's (or `threading`'s) word for it.
        effect: ``effect(value, task, *args) -> (new value, result)``.
        guard: ``guard(value, task, *args) -> bool``: may it happen now?
        waits_for: ``waits_for(value, task, *args)``: the tasks that keep the guard from holding.
        why: ``why(value, task, *args)``: why the guard does not hold, to read after "waits for it: ".
        expires: ``expires(value, task, *args) -> bool``: with a timeout, it may also happen now because the time is up;
            its result is then False, or a fault. Never when the guard holds.
        sleeps: it may put the caller to sleep, so it must not be asked for while holding a spinlock.
        preempt: +1 when it begins an atomic section (a spinlock), -1 when it ends one.
        reads: ``reads(result) -> bool``: with this result it left the value alone, and any other reading operation
            could have come before or after it with the same results.
        takes: ``takes(result) -> bool``: with this result the caller holds the resource from now on.
        assumes: ``timeout`` or ``notify`` when a verdict takes something for granted once this operation was met.
        effect_text: what guard and effect say in words, for the table of operations.
    """

    name: str
    effect: Callable[..., tuple[Any, Any]]
    guard: Callable[..., bool] = always
    waits_for: Callable[..., tuple[Task, ...]] = nobody
    why: Callable[..., str] = unexplained
    expires: Callable[..., bool] | None = None
    sleeps: bool = False
    preempt: int = 0
    reads: Callable[[Any], bool] = lambda result: False
    takes: Callable[[Any], bool] = lambda result: False
    assumes: str = ""
    effect_text: str = ""

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


class Runtime(Protocol):
    """Performs operations for actors."""

    def perform(self, actor: Actor, resource: Resource, operation: Operation, args: tuple[Any, ...]) -> Any:
        """Perform `operation` for `actor`, now or when its guard holds, and return its result."""
        ...

    def spawn(self, name: str, body: Callable[[], object]) -> str:
        """Add a task to the run; return its name, made unique."""
        ...


class Resource(Enrolled):
    """Something tasks operate on; all there is to know about it at a moment is one hashable value.

    Subclasses list their operations in `operations` and say what a value means in `held_by` and `describe`.
    """

    operations: ClassVar[tuple[Operation, ...]] = ()

    def __init__(self, value: Value) -> None:
        self.initial = value
        self.value: Any = value
        super().__init__()  # from now on others can see it

    @classmethod
    def held_by(cls, value: Any) -> tuple[Task, ...]:
        """The tasks that hold it (owner, or readers) when its value is `value`."""
        return ()

    @classmethod
    def describe(cls, value: Any) -> dict[str, Any]:
        """The parts of `value` under the words that a reader uses: ``owner``, ``readers``, ``queue``."""
        return {"value": value}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.label}>"


class Freed:
    """The value of a resource whose memory was given back: every operation on it is a use after free."""

    def __repr__(self) -> str:
        return "freed"

    def __reduce__(self) -> str:
        return "FREED"


FREED = Freed()

_USE_AFTER_FREE = Fault(UseAfterFree, "{task} used {lock} after it was freed.")


def ready(operation: Operation, value: Any, task: Task, args: tuple[Any, ...]) -> bool:
    """Whether `operation` can happen when the value is `value`. A freed resource stops nobody: it faults."""
    return value is FREED or operation.guard(value, task, *args)


def can_expire(operation: Operation, value: Any, task: Task, args: tuple[Any, ...]) -> bool:
    """Whether `operation` can end now because its time is up."""
    return operation.expires is not None and value is not FREED and operation.expires(value, task, *args)


def outcome(operation: Operation, value: Any, task: Task, args: tuple[Any, ...]) -> tuple[Any, Any]:
    """The new value and the result, a `Fault` where the contract is broken. Only when `ready` or `can_expire`."""
    if value is FREED:
        return FREED, _USE_AFTER_FREE
    return operation.effect(value, task, *args)


def blockers(operation: Operation, value: Any, task: Task, args: tuple[Any, ...]) -> tuple[Task, ...]:
    """The tasks that `operation` waits for when it is not `ready`."""
    return operation.waits_for(value, task, *args)


def admit(actor: Actor, resource: Resource, operation: Operation) -> None:
    """What every runtime checks before it takes an operation on.

    Raises:
        ForeignObject: the resource was not made in this actor's world.
        SleepInAtomic: the operation may sleep and the actor holds a spinlock.
    """
    if resource.home is not actor.home:
        _refuse(actor, resource)
    if operation.sleeps and actor.atomic:
        text = (
            "{task} may sleep in {operation} of {lock} while it holds a spinlock ({line}). Release the spinlock first."
        )
        if actor.name == YOU:
            text = to_you(text)
        line = caller(None, actor.begun_at)
        raise SleepInAtomic(
            text.format(task=actor.name, operation=operation.name, lock=resource.label, line=line), resource.label
        )


def _refuse(actor: Actor, resource: Resource) -> NoReturn:
    """Say who uses what that is not its own.

    A thread of the standard library has nobody to say it to: it ends without a word, and a task of the run is told.
    """
    home, kind, line = resource.home, type(resource).__name__, caller(None, actor.begun_at)
    if home is not None and actor.home is None and home.thread != get_ident():
        where = "" if line is NOWHERE else f" ({line})"
        error = ForeignObject(
            f"a thread of the standard library uses {resource.label}{where}, and no schedule can say when. Write "
            '"from kvmlab import threading" and use the Thread from there.',
            resource.label,
        )
        if home.over:
            raise error
        home.intrusion = home.intrusion or (error, line)
        raise SystemExit
    if home is not None and actor.home is None:
        raise ForeignObject(
            f"{YOU} use a {kind} of a run (made at {resource.made_at}; used at {line}). It belongs to the tasks of "
            "that run: make one of your own.",
            resource.label,
        )
    made = f"made at {resource.made_at}" if home is None else f"of another run, made at {resource.made_at}"
    raise ForeignObject(
        f"{actor.name} uses a {kind} from outside its world ({made}; used at {line}). "
        "Every schedule needs a fresh one: make it in the world's __init__ and use it through the task's argument.",
        resource.label,
    )


def settle(actor: Actor, resource: Resource, operation: Operation, result: Any) -> Any:
    """What every runtime does once an operation has happened: return its result, or raise its fault in the task."""
    if isinstance(result, Fault):
        raise result.exception(resource.label, actor.name)
    actor.atomic += operation.preempt
    return result


class Direct:
    """Performs operations at once for the only one there is: the world's constructor, or a reader at the prompt."""

    def perform(self, actor: Actor, resource: Resource, operation: Operation, args: tuple[Any, ...]) -> Any:
        """Perform `operation` now.

        Raises:
            WouldBlock: it would have to wait, and nobody else is there to end the wait.
        """
        admit(actor, resource, operation)
        if not ready(operation, resource.value, actor.name, args):
            raise WouldBlock(
                f"{operation.name} of {resource.label} would wait for ever at {caller()}: nobody else is running. "
                "Put it in a task of a Scenario, where another task can end the wait."
            )
        resource.value, result = outcome(operation, resource.value, actor.name, args)
        return settle(actor, resource, operation, result)

    def spawn(self, name: str, body: Callable[[], object]) -> str:
        """Refuse: there is no run to add a task to."""
        raise ScenarioError(
            f"a thread was started while the world was made, at {caller()}. Start it in a task, or give its function "
            "to the Scenario as a task of its own."
        )


DIRECT = Direct()
OUTSIDE = Actor(YOU, DIRECT, None)


def perform(resource: Resource, operation: Operation, *args: Any) -> Any:
    """Ask for `operation` on `resource`, in the name of whoever runs this line; return its result.

    Raises:
        LockError: the operation broke its contract, or (outside a scenario) it would wait for ever.
    """
    actor = here.actor or OUTSIDE
    return actor.runtime.perform(actor, resource, operation, args)


def free(resource: Resource) -> None:
    """Give back `resource`: every later operation on it is a use after free.

    Raises:
        LockError: a task still holds it.
    """
    perform(resource, FREE, type(resource))


def _free(value: Any, task: Task, kind: type[Resource]) -> tuple[Any, Any]:
    holders = kind.held_by(value)
    if holders:
        return value, Fault(LockError, f"{{task}} frees {{lock}} while {' and '.join(holders)} holds it.")
    return FREED, None


FREE = Operation("free", _free, effect_text="always: the memory is given back; an error while anybody holds it")
