"""Who acts and what a world is made of: actors, and the things they make, under keys that every run repeats.

A run makes a fresh world. The same lock is then another Python object, but it is made by the same maker at the same
turn. So ``(maker, turn)`` is a key that means the same lock in every run.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any

from kvmlab.errors import ForeignObject, NeedsTraces, ScenarioError, shown, steady
from kvmlab.location import Location, caller

if TYPE_CHECKING:
    from kvmlab.operation import Runtime

Key = tuple[str, int]

SETUP = "world"
"""The name under which the world's own constructor makes things."""


class Home:
    """The things of one run.

    Attributes:
        members: by key, in the order in which they were made.
        names: by key, where the world keeps them.
        lines: by key, where the world's constructor made them; known from an earlier run, if there was one.
        missing: says so when a task asked for an object that this run does not have.
        threads: the thread objects of its tasks, by the task's name.
        notify_order: whom `Condition.notify` wakes: ``fifo`` or ``any``.
        thread: the operating system's number of the thread that made it.
        intrusion: what a thread that is no task has done to a member, and its line; the next task that does or ends
            anything takes it as its own error.
        over: whether the run has ended, so that nobody is left to take an intrusion.
    """

    def __init__(self, lines: dict[Key, Location] | None = None) -> None:
        self.members: dict[Key, Enrolled] = {}
        self.names: dict[Key, str] = {}
        self.lines: dict[Key, Location] = {} if lines is None else lines
        self.missing: str | None = None
        self.threads: dict[str, object] = {}
        self.notify_order = "fifo"
        self.thread = threading.get_ident()
        self.intrusion: tuple[ForeignObject, Location] | None = None
        self.over = False
        self._made: dict[str, int] = {}

    def enroll(self, thing: Enrolled, maker: str) -> Key:
        """Take `thing` in and return its key."""
        turn = self._made.get(maker, 0)
        self._made[maker] = turn + 1
        key = (maker, turn)
        self.members[key] = thing
        return key

    def name(self, thing: Enrolled) -> str:
        """The name of `thing`: where the world keeps it, else what it is and who made it."""
        known = self.names.get(thing.key)
        if known is not None:
            return known
        maker, turn = thing.key
        kind = type(thing).__name__
        return f"{kind} {turn + 1}" if maker == SETUP else f"{maker}'s {kind} {turn + 1}"

    def name_from(self, world: object) -> None:
        """Name every member that can be reached from `world` by its path: ``srcu``, ``vm.slots_lock``, ``forks[2]``."""
        seen: set[int] = set()
        queue: deque[tuple[str, object]] = deque([("", world)])
        while queue:
            path, thing = queue.popleft()
            if id(thing) in seen:
                continue
            seen.add(id(thing))
            if isinstance(thing, Enrolled) and thing.home is self:
                own = getattr(thing, "name", None)
                path = own if isinstance(own, str) and own else path or type(thing).__name__
                self.names[thing.key] = path
            queue.extend(parts(path, thing))


class Actor:
    """One who performs operations: a task, the world's constructor, or the reader at the prompt.

    Attributes:
        name: unique in its run; values of resources hold it.
        home: where the things it makes are enrolled; None outside a scenario.
        runtime: performs its operations.
        atomic: how many spinlocks it holds; above zero it must not sleep.
        operations, expiries, started: how many operations it has done, how many of them ended by a timeout, and how
            many threads it has started.
        unwinding: it is being ended, and every further operation raises `Unwound`.
        begun_at: the line that stands for it where it has none of its own: that of the ``start()`` of its thread.
    """

    __slots__ = ("atomic", "begun_at", "expiries", "home", "name", "operations", "runtime", "started", "unwinding")

    def __init__(self, name: str, runtime: Runtime, home: Home | None) -> None:
        self.name = name
        self.runtime = runtime
        self.home = home
        self.atomic = 0
        self.expiries = 0
        self.started = 0
        self.operations = 0
        self.unwinding = False
        self.begun_at: Location | None = None


class _Here(threading.local):
    actor: Actor | None = None


here = _Here()
"""``here.actor`` is who acts in this thread now; None outside a scenario."""


class Enrolled:
    """A thing with a key that every run repeats: a resource, or an object such as a VM that tasks pass around.

    Its creation is noted with the reader's line, so that an error can say where it was made.
    """

    def __init__(self) -> None:
        actor = here.actor
        self.home: Home | None = actor.home if actor else None
        self.key: Key = self.home.enroll(self, actor.name) if actor and self.home else ("outside", 0)
        made_at = self.home.lines.get(self.key) if self.home else None
        if made_at is None:
            made_at = caller()
            if self.home and self.key[0] == SETUP:
                self.home.lines[self.key] = made_at
        self.made_at: Location = made_at

    @property
    def label(self) -> str:
        """The name to print."""
        return self.home.name(self) if self.home else type(self).__name__


class Ref(tuple[Any, ...]):
    """Stands in a resource's value for an enrolled object, by its key: equal in every run."""

    __slots__ = ()


def encode(value: Any) -> Any:
    """`value` with every enrolled object replaced by its `Ref`, so that runs can be compared.

    Raises:
        ScenarioError: when it is neither hashable data nor an enrolled object.
    """
    if value is None or isinstance(value, (str, int, float, bytes, Ref)):
        return value
    if isinstance(value, Enrolled):
        return Ref(value.key) if value.home else value  # at the prompt there is only one run
    if type(value) in (tuple, frozenset):
        return type(value)(encode(part) for part in value)
    if isinstance(value, tuple) and hasattr(value, "_make"):  # a named tuple
        return value._make(map(encode, value))
    if not isinstance(value, Hashable) or type(value).__hash__ is object.__hash__:
        raise ScenarioError(
            f"a shared cell cannot hold {type(value).__name__}: it is not a plain hashable value. "
            "Use numbers, strings, tuples, None, or objects such as VMs that belong to the world."
        )
    inner = next((part for _, part in parts("", value) if isinstance(part, Enrolled)), None)
    if inner is not None:
        raise ScenarioError(
            f"a shared cell cannot hold {type(value).__name__} with {inner.label} in it: schedules are compared, and "
            "each has its own. Put a tuple there, or a named tuple."
        )
    return value


def same(one: object, other: object) -> bool:
    """Whether two results are the same, NaN and NaN included."""
    if one is other or one == other:
        return True
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    return one != one and other != other


def decode(value: Any, home: Home | None) -> Any:
    """`value` with every `Ref` replaced by the object of this run.

    Raises:
        NeedsTraces: when the object was made by another task, so that this run of one task alone has none.
    """
    if isinstance(value, Ref):
        if home is None or tuple(value) not in home.members:
            missing = (
                f"{value[0]} makes an object that other tasks use; the search by states runs each task alone "
                "and has no such object"
            )
            if home is not None:
                home.missing = missing
            raise NeedsTraces(missing)
        return home.members[tuple(value)]
    if type(value) in (tuple, frozenset):
        return type(value)(decode(part, home) for part in value)
    if isinstance(value, tuple) and hasattr(value, "_make"):
        return value._make(decode(part, home) for part in value)
    return value


def parts(path: str, thing: object) -> Iterator[tuple[str, object]]:
    """What `thing` directly holds, each with its path; nothing for data without parts."""
    if isinstance(thing, dict):
        for key, part in thing.items():
            yield (f"{path}[{shown(key)}]" if path else steady(str(key))), part
    elif isinstance(thing, (list, tuple, deque)):
        for index, part in enumerate(thing):
            yield f"{path}[{index}]", part
    elif not isinstance(thing, (type, str, bytes, int, float, frozenset, set)) and not callable(thing):
        for name, part in attributes(thing).items():
            if not (isinstance(thing, Enrolled) and name in {"home", "key", "made_at"}):
                yield (f"{path}.{name}" if path else name), part


def attributes(thing: object) -> dict[str, object]:
    """The attributes that `thing` itself holds, from ``__dict__`` and ``__slots__``."""
    found = dict(getattr(thing, "__dict__", {}))
    for cls in type(thing).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in {"__dict__", "__weakref__"} and hasattr(thing, name):
                found.setdefault(name, getattr(thing, name))
    return found
