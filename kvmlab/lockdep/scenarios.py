"""Lock scenarios as JSON: reading them, with a sentence and the place for everything that is wrong.

The form is that of kvmlab/data/lockdep-scenarios.json: an object with a list `scenarios`; each has a `name`, `locks`
(name to `kind` and `class`), and `steps`, each with a `name` and `events` such as ["lock", "kvm_lock"]. No name is
given twice in one object, and an unlock is of the kind of its acquisition. Optional:
`one_task_per_step` (false if left out), a lock's `class` (its name if left out), and `meta` and `expected`, which are
not looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from kvmlab.lockdep.classes import MAX_SUBCLASSES
from kvmlab.lockdep.kinds import KINDS, Kind
from kvmlab.lockdep.taken import misfits

Needs = Literal["exclusive", "reader", "grace_period", "nothing"]

EVENTS: Mapping[str, Needs] = {
    "lock": "exclusive",
    "trylock": "exclusive",
    "lock_nested": "exclusive",
    "lock_nest_lock": "exclusive",
    "might_lock": "exclusive",
    "unlock": "exclusive",
    "read_lock": "reader",
    "read_trylock": "reader",
    "read_unlock": "reader",
    "read_lock_notrace": "reader",
    "read_unlock_notrace": "reader",
    "down_read_unowned": "reader",
    "up_read_unowned": "reader",
    "synchronize": "grace_period",
    "call_srcu_and_barrier": "grace_period",
    "poll_grace_period": "grace_period",
    "assert_held": "nothing",
}
"""Every event, and what a lock must have for it."""


class FormError(ValueError):
    """A file that is not of the form; the message is a sentence that begins with the place."""


@dataclass(frozen=True)
class Event:
    """One thing a task does to a lock.

    Attributes:
        name: a key of EVENTS.
        lock: the lock's name.
        subclass: of lock_nested, else 0.
        outer: the lock that serialises, of lock_nest_lock.
    """

    name: str
    lock: str
    subclass: int = 0
    outer: str | None = None

    def __str__(self) -> str:
        extra = f" under {self.outer}" if self.outer else f" at subclass {self.subclass}" if self.subclass else ""
        return f"{self.name} {self.lock}{extra}"


@dataclass(frozen=True)
class Step:
    """Events that belong together, such as one kernel path from start to finish."""

    name: str
    events: tuple[Event, ...]


@dataclass(frozen=True)
class LockScenario:
    """Steps executed one after another, by one task or by one task a step.

    Attributes:
        name: how it is called.
        locks: by lock name, the kind and the class name.
        steps: in the order of execution.
        one_task_per_step: whether each step is a task of its own.
    """

    name: str
    locks: Mapping[str, tuple[Kind, str]]
    steps: tuple[Step, ...]
    one_task_per_step: bool = False


def read(path: str | Path) -> list[LockScenario]:
    """The scenarios of a file; FormError if it cannot be read, is not JSON or not of the form."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FormError(f"{path}: cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError as error:
        raise FormError(f"{path}: is not UTF-8 text (byte {error.start})") from None
    try:
        data = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise FormError(f"{path}: is not JSON (line {error.lineno}, column {error.colno}: {error.msg})") from None
    except (RecursionError, ValueError) as error:
        raise FormError(f"{path}: cannot be read as JSON ({error})") from None
    try:
        return parse(data)
    except FormError as error:
        raise FormError(f"{path}: {error}") from None


def parse(data: object) -> list[LockScenario]:
    """The scenarios of a loaded JSON document; FormError, with the place, if it is not of the form."""
    top = _Place("the file", data).fields(required=("scenarios",), optional=("meta",))
    found = [_scenario(place) for place in top["scenarios"].items()]
    if not found:
        top["scenarios"].fail("there is no scenario in it")
    return found


class _Twice(dict[str, object]):
    """An object of a file in which a name is given more than once; the last value counts for Python, none for us."""

    name: str


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice, names = _Twice(found), [name for name, _ in pairs]
    twice.name = next(name for name in names if names.count(name) > 1)
    return twice


def _scenario(place: _Place) -> LockScenario:
    fields = place.fields(required=("name", "locks", "steps"), optional=("one_task_per_step", "expected"))
    name, locks = fields["name"].text(), _locks(fields["locks"])
    steps = tuple(_step(step, locks) for step in fields["steps"].items())
    one_task_per_step = "one_task_per_step" in fields and fields["one_task_per_step"].flag()
    for step, event, what in misfits(steps, one_task_per_step):
        raise FormError(f"{fields['steps'].path}[{step}].events[{event}]: {what}")
    return LockScenario(name, locks, steps, one_task_per_step)


def _locks(place: _Place) -> dict[str, tuple[Kind, str]]:
    locks: dict[str, tuple[Kind, str]] = {}
    first_of: dict[str, str] = {}
    for name, lock in place.entries():
        _Place(f"{place.path}[{name!r}], the name", name).text()
        fields = lock.fields(required=("kind",), optional=("class",))
        kind = KINDS[fields["kind"].word("kind", KINDS)]
        class_name = fields["class"].text() if "class" in fields else name
        twin = first_of.setdefault(class_name, name)
        if twin in locks and locks[twin][0] is not kind:
            lock.fail(f"is a {kind.name}, but {twin!r} of the same class {class_name!r} is a {locks[twin][0].name}")
        locks[name] = (kind, class_name)
    return locks


def _step(place: _Place, locks: Mapping[str, tuple[Kind, str]]) -> Step:
    fields = place.fields(required=("name", "events"))
    return Step(fields["name"].text(), tuple(_event(event, locks) for event in fields["events"].items()))


def _event(place: _Place, locks: Mapping[str, tuple[Kind, str]]) -> Event:
    parts = list(place.items())
    if not parts:
        place.fail('is empty; write [event, lock], for example ["lock", "kvm_lock"]')
    name = parts[0].word("event", EVENTS, at=place)
    extra = {"lock_nested": "its subclass", "lock_nest_lock": "the lock that serialises it"}.get(name)
    wanted = ["the event", "the lock", *([extra] if extra else [])]
    if len(parts) != len(wanted):
        place.fail(f"{name!r} has {len(parts)} parts, not {len(wanted)}: {', '.join(wanted)}")
    lock = parts[1].word("lock", locks, at=place)
    kind = locks[lock][0]
    needs = EVENTS[name]
    if needs != "nothing" and not getattr(kind, needs):
        lacks = {"exclusive": "exclusive holder", "reader": "readers", "grace_period": "grace period"}[needs]
        place.fail(f"{name!r} does not fit {lock!r}: a lock of the kind {kind.name!r} has no {lacks}")
    if name == "lock_nested":
        return Event(name, lock, subclass=parts[2].number(MAX_SUBCLASSES - 1))
    if name == "lock_nest_lock":
        return Event(name, lock, outer=parts[2].word("lock", locks, at=place))
    return Event(name, lock)


@dataclass(frozen=True)
class _Place:
    """A value of the document with the way to it; each method returns the value as what it must be, or fails."""

    path: str
    value: object

    def fail(self, what: str) -> None:
        raise FormError(f"{self.path}: {what}")

    def fields(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, _Place]:
        """The fields of an object. An unknown one is let be, unless it looks like an optional one mistyped."""
        found = dict(self.entries())
        for name in required:
            if name not in found:
                self.fail(f"the field {name!r} is missing")
        for name in found:
            meant = get_close_matches(name, optional, n=1, cutoff=0.8)
            if meant and name not in optional:
                self.fail(f"unknown field {name!r}; did you mean {meant[0]!r}?")
        return found

    def entries(self) -> Iterator[tuple[str, _Place]]:
        if not isinstance(self.value, dict):
            raise self._not("an object")
        if isinstance(self.value, _Twice):
            self.fail(f"{self.value.name!r} is given more than once")
        top = self.path == "the file"
        for name, value in self.value.items():
            plain = name.replace("_", "").isalnum()
            yield name, _Place(name if top else f"{self.path}.{name}" if plain else f"{self.path}[{name!r}]", value)

    def items(self) -> Iterator[_Place]:
        if not isinstance(self.value, list):
            raise self._not("a list")
        return (_Place(f"{self.path}[{number}]", value) for number, value in enumerate(self.value))

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value or not self.value.isprintable():
            raise self._not("a text of printable characters, not empty")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self._not("true or false")
        return self.value

    def number(self, last: int) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value not in range(last + 1):
            raise self._not(f"a number from 0 to {last}")
        return self.value

    def word(self, what: str, known: Mapping[str, object], at: _Place | None = None) -> str:
        if not isinstance(self.value, str):
            raise self._not(f"the name of a known {what}")
        if self.value not in known:
            (at or self).fail(f"unknown {what} {self.value!r}; known: {', '.join(known) or 'none'}")
        return self.value

    def _not(self, wanted: str) -> FormError:
        shown = json.dumps(self.value, ensure_ascii=False)
        return FormError(f"{self.path}: must be {wanted}, not {shown if len(shown) <= 60 else shown[:57] + '...'}")
