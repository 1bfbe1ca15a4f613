"""Random lock scenarios, in the form of kvmlab/data/lockdep-scenarios.json, that one task can really execute.

Three styles: `mixed` has every kind of lock, event and class and few steps; `dense` has many short steps, mostly in one
order of the locks, so that a circle comes late, is long, and could be closed by several ways; `blind` has SRCU readers
between mutexes, where the lockdep of Linux is silent about many a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

SPINS = ("spin", "rwlock", "rcu")
"""Kinds under which no task may really sleep."""
READERS_ONLY = ("srcu", "rcu")
SUBCLASSED = ("mutex", "spin", "rwsem")
TRIED = ("mutex", "spin", "rwlock", "rwsem")
READ_TRIED = ("rwlock", "rwsem", "percpu_rwsem")

POOLS = (
    ("mutex", "mutex", "mutex", "srcu", "srcu", "percpu_rwsem", "rwsem"),
    ("srcu", "srcu", "percpu_rwsem", "rwsem", "rwlock", "mutex", "pseudo"),
    ("mutex", "mutex", "rwsem", "srcu", "spin"),
    ("mutex", "mutex", "spin", "rwlock", "rwsem", "percpu_rwsem", "srcu", "srcu", "rcu", "pseudo"),
)
DENSE_POOLS = (
    ("mutex",),
    ("mutex", "srcu"),
    ("mutex", "srcu", "srcu"),
    ("mutex", "percpu_rwsem", "srcu"),
    ("rwsem", "rwsem", "srcu", "srcu", "mutex", "pseudo"),
    ("mutex", "pseudo"),
    ("pseudo",),
)


Locks = Mapping[str, Mapping[str, str]]
"""The locks of a scenario, as in its file."""


class _Held(NamedTuple):
    lock: str
    undo: str
    shared: bool


class _Step:
    """The events of one step, and what its task holds."""

    def __init__(self, random: Random, locks: Locks) -> None:
        self.random = random
        self.locks = locks
        self.events: list[list[Any]] = []
        self.held: list[_Held] = []

    def kind(self, lock: str) -> str:
        return self.locks[lock]["kind"]

    def does(self, event: str, lock: str, *extra: Any, undo: str = "", shared: bool = False) -> None:
        """An event; with `undo`, the lock is held from now on."""
        self.events.append([event, lock, *extra])
        if undo:
            self.held.append(_Held(lock, undo, shared))

    def gives_back(self) -> None:
        """The innermost lock, or now and then one further out."""
        held = self.held.pop(-1 if self.random.random() < 0.75 else self.random.randrange(len(self.held)))
        self.events.append([held.undo, held.lock])

    def ended(self, name: str, slips: bool = False) -> dict[str, Any]:
        """The step, with all given back; one that slips now and then forgets a lock, or gives back one too many."""
        slip = self.random.random() if slips else 1.0
        if slip < 0.06 and self.held and self.kind(self.held[0].lock) not in SPINS:
            del self.held[0]
        while self.held:
            self.gives_back()
        lock = self.random.choice(list(self.locks))
        if slips and slip > 0.94 and self.kind(lock) in SUBCLASSED:
            self.does("unlock", lock)
        return {"name": name, "events": self.events}


def mixed(seed: int) -> dict[str, Any]:
    """A scenario of up to six locks and seven steps; the same for the same seed."""
    random = Random(seed)
    pool = random.choice(POOLS)
    locks: dict[str, dict[str, str]] = {}
    for number in range(random.randint(2, 6)):
        kind = random.choice(pool)
        if kind == "rcu":
            locks["rcu"] = {"kind": kind, "class": "rcu_read_lock"}
            continue
        same = [lock["class"] for lock in locks.values() if lock["kind"] == kind]
        shares = same and random.random() < 0.25
        locks[f"lock{number}"] = {"kind": kind, "class": random.choice(same) if shares else f"class{number}"}
    steps = []
    last = random.randint(2, 7)
    for number in range(1, last + 1):
        step = _Step(random, locks)
        depth = random.randint(1, 4)
        for _ in range(random.randint(3, 9)):
            if step.held and (len(step.held) >= depth or random.random() < 0.3):
                step.gives_back()
            else:
                _one_event(step, random.choice(list(locks)))
        steps.append(step.ended(f"step{number}", slips=number == last))
    return _scenario(f"mixed{seed}", random, locks, steps)


def dense(seed: int) -> dict[str, Any]:
    """A scenario of four to nine locks and up to thirty short steps; the same for the same seed."""
    random = Random(seed)
    pool = random.choice(DENSE_POOLS)
    locks = {f"lock{n}": {"kind": random.choice(pool), "class": f"class{n}"} for n in range(random.randint(4, 9))}
    disorder = random.choice([0.02, 0.05, 0.15])
    steps = []
    for number in range(random.randint(5, 30)):
        chosen = sorted(random.sample(range(len(locks)), random.choice([2, 2, 2, 3, 3, 4])))
        if random.random() < disorder:
            random.shuffle(chosen)
        steps.append(_nested(random, locks, chosen, number))
    return _scenario(f"dense{seed}", random, locks, steps)


def blind(seed: int) -> dict[str, Any]:
    """A scenario of mutexes with SRCU readers between them, where Linux has its blind spots; the same for a seed."""
    random = Random(seed)
    exclusive = random.randint(2, 4)
    kinds = ["mutex"] * exclusive + ["srcu"] * random.randint(1, 3)
    locks = {f"lock{n}": {"kind": kind, "class": f"class{n}"} for n, kind in enumerate(kinds)}
    steps = []
    for number in range(random.randint(3, 9)):
        outer, inner = random.sample(range(exclusive), 2)
        readers = random.sample(range(exclusive, len(kinds)), random.choice([0, 1, 1, 1, len(kinds) - exclusive]))
        chosen = [*readers, inner] if random.random() < 0.2 else [outer, *readers, inner]
        steps.append(_nested(random, locks, chosen, number))
    return _scenario(f"blind{seed}", random, locks, steps)


STYLES: Mapping[str, Callable[[int], dict[str, Any]]] = {"mixed": mixed, "dense": dense, "blind": blind}
"""The styles by name."""


def _scenario(name: str, random: Random, locks: Locks, steps: list[dict[str, Any]]) -> dict[str, Any]:
    kept = [step for step in steps if step["events"]]
    return {"name": name, "one_task_per_step": random.random() < 0.3, "locks": locks, "steps": kept}


def _nested(random: Random, locks: Locks, chosen: Sequence[int], number: int) -> dict[str, Any]:
    """A step that takes locks one inside the other."""
    step = _Step(random, locks)
    for place in chosen:
        _plain_event(step, f"lock{place}")
    return step.ended(f"step{number + 1}")


def _plain_event(step: _Step, lock: str) -> None:
    """A lock taken in one of the ways of its kind, or waited for."""
    kind, chance = step.kind(lock), step.random.random()
    if kind in ("srcu", "pseudo") and chance < 0.25:
        step.does("synchronize", lock)
    elif kind == "srcu" or (kind != "mutex" and chance < 0.7):
        step.does("read_lock", lock, undo="read_unlock", shared=True)
    else:
        step.does("trylock" if kind in TRIED and chance > 0.95 else "lock", lock, undo="unlock")


def _one_event(step: _Step, lock: str) -> None:
    """Any event that fits the lock, and that its task can come back from."""
    random, kind = step.random, step.kind(lock)
    mine = [held for held in step.held if held.lock == lock]
    if mine and random.random() < 0.9:
        return
    annotated = random.random()
    if annotated < 0.05:
        step.does("assert_held" if kind in READERS_ONLY or annotated < 0.03 else "might_lock", lock)
    elif kind in ("srcu", "rcu", "pseudo") and random.random() < 0.3:
        _wait_for_readers(step, lock)
    elif kind == "srcu" and random.random() < 0.12:
        begin, end = random.choice(
            [("read_lock_notrace", "read_unlock_notrace"), ("down_read_unowned", "up_read_unowned")]
        )
        step.does(begin, lock, undo=end, shared=True)
    elif kind in READERS_ONLY or (kind not in ("mutex", "spin") and random.random() < 0.6):
        tried = kind in READ_TRIED and random.random() < 0.1 and all(held.shared for held in mine)
        step.does("read_trylock" if tried else "read_lock", lock, undo="read_unlock", shared=True)
    else:
        _exclusive(step, lock, free=not mine)


def _wait_for_readers(step: _Step, lock: str) -> None:
    untold = [held for held in step.held if held.lock == lock and held.undo != "read_unlock"]
    sleeps = step.kind(lock) != "pseudo"
    if untold or (sleeps and any(step.kind(held.lock) in SPINS for held in step.held)):
        return
    polls = step.kind(lock) == "srcu" and step.random.random() < 0.1
    if not polls or all(held.lock != lock for held in step.held):
        step.does("poll_grace_period" if polls else "synchronize", lock)


def _exclusive(step: _Step, lock: str, free: bool) -> None:
    random, kind, chance = step.random, step.kind(lock), step.random.random()
    if kind == "percpu_rwsem" and any(step.kind(held.lock) in SPINS for held in step.held):
        return
    outers = [held.lock for held in step.held if step.kind(held.lock) != "rcu"]
    if free and kind in TRIED and chance < 0.12:
        step.does("trylock", lock, undo="unlock")
    elif free and kind in SUBCLASSED and chance < 0.3:
        step.does("lock_nested", lock, random.randint(0, 2), undo="unlock")
    elif free and kind in SUBCLASSED and outers and chance < 0.42:
        outer = random.choice(outers) if random.random() < 0.97 else random.choice(list(step.locks))
        step.does("lock_nest_lock", lock, outer, undo="unlock")
    else:
        step.does("lock", lock, undo="unlock")
