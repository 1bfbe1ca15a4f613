"""Tells a validator what the tasks of one controlled run do, in the order of the kernel's annotations."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from kvmlab.controlled import Controlled, Fiber
from kvmlab.diagnosis import holders
from kvmlab.lockdep.annotations import NOTES, Note, kind_of
from kvmlab.lockdep.classes import Lock
from kvmlab.lockdep.kinds import Kind
from kvmlab.lockdep.places import Place, of_line, places
from kvmlab.lockdep.validator import Validator
from kvmlab.operation import FREED, Resource
from kvmlab.verdict import place
from kvmlab.world import SETUP, Enrolled, here


class Feed:
    """Between one run and one validator.

    Args:
        run: whose tasks are listened to, until `close`.
        validator: who is told.

    Attributes:
        marks: by task, the annotations of the blocks that it is in, innermost last.
    """

    def __init__(self, run: Controlled, validator: Validator) -> None:
        self.run = run
        self.validator = validator
        self.marks: dict[str, list[tuple[int, Enrolled | None]]] = {}
        self._places: dict[Enrolled, Place] = {}
        self._locks: dict[Enrolled, Lock] = {}
        self._asked: dict[str, Note] = {}
        members = [member for member in run.home.members.values() if isinstance(member, Resource)]
        self._untold = {member for member in members if SETUP in holders(member, member.value)}
        _FEEDS[run] = self

    def close(self) -> None:
        """Listen no longer. Called before tasks are unwound."""
        _FEEDS.pop(self.run, None)

    def ask(self, fiber: Fiber) -> None:
        """`fiber` is about to do what it stands before, or to wait for it. Only the first call for each is told on."""
        note = NOTES.get(fiber.operation)
        value = fiber.resource.value
        if note is None or fiber.name in self._asked or value is FREED:
            return
        if not note.when(value, fiber.name, *([] if note.call in ("init", "assert_held") else fiber.args)):
            return
        self._asked[fiber.name] = note
        whose = note.whose(value, fiber.name)
        if whose == SETUP and note.call == "release" and fiber.resource in self._untold:
            self._untold.remove(fiber.resource)  # lockdep was not told that the world's constructor took it
        elif not note.trylock:
            self._tell(note, fiber, whose)

    def done(self, fiber: Fiber, result: Any) -> None:
        """`fiber` has done it, with `result`, and has not gone on yet."""
        note = self._asked.pop(fiber.name, None)
        if note is None or note.call != "acquire":
            return
        if note.trylock and result is True:
            self._tell(note, fiber, fiber.name)
        elif not note.trylock and result is False and fiber.operation.expires:
            self.validator.release(fiber.name, self.lock(fiber.resource), where=place(fiber.location))

    def ended(self, fiber: Fiber) -> None:
        """`fiber` has come to its end by itself."""
        self.validator.task_exit(fiber.name)

    def acquire(self, task: str, thing: Enrolled, *, shared: bool, trylock: bool, where: str) -> None:
        """`task` asks for `thing`, inside the blocks that it is in."""
        subclass, outer = (self.marks.get(task) or [(0, None)])[-1]
        nest_lock = None if outer is None else self.lock(outer)
        self.validator.acquire(
            task, self.lock(thing), shared=shared, trylock=trylock, subclass=subclass, nest_lock=nest_lock, where=where
        )

    def lock(self, thing: Enrolled, kind: Kind | None = None) -> Lock:
        """The validator's lock for `thing`: one for each instance, with the class of its place."""
        if thing not in self._locks:
            if thing not in self._places:
                self._places = places(self.run.world, self.run.home)
            kept = self._places.get(thing)
            class_name, key = of_line(thing) if kept is None else (kept.class_name, kept)
            name = thing.label.removesuffix(".dep_map")
            self._locks[thing] = Lock(name, kind or kind_of(thing), class_name, key)
        return self._locks[thing]

    def _tell(self, note: Note, fiber: Fiber, task: str) -> None:
        thing, where = fiber.resource, place(fiber.location)
        if note.call == "acquire":
            self.acquire(task, thing, shared=note.shared, trylock=note.trylock, where=where)
        else:
            getattr(self.validator, note.call)(task, self.lock(thing), where=where)


_FEEDS: WeakKeyDictionary[Controlled, Feed] = WeakKeyDictionary()


def listening() -> tuple[Feed, str] | None:
    """Who listens to the task that runs this line, and the task's name; None when nobody does."""
    actor = here.actor
    runtime = actor.runtime if actor is not None else None
    feed = _FEEDS.get(runtime) if isinstance(runtime, Controlled) else None
    return (feed, actor.name) if feed is not None and actor is not None else None
