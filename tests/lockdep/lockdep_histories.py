"""Small histories for the lockdep tests, written so that they can be read."""

from __future__ import annotations

import itertools

from kvmlab.lockdep import KINDS, Event, Kind, LockScenario, Outcome, Rules, Step, run

CLOSING = {
    "lock": "unlock",
    "trylock": "unlock",
    "lock_nested": "unlock",
    "read_lock": "read_unlock",
    "read_trylock": "read_unlock",
}


def inside(*opening: str) -> str:
    """Each lock taken inside the one before, then all given back: inside("lock x", "lock y")."""
    closing = [
        f"{CLOSING[event.split()[0]]} {event.split()[1]}" for event in reversed(opening) if event.split()[0] in CLOSING
    ]
    return ", ".join([*opening, *closing])


def play(
    *steps: str,
    linux: str | Rules = "6.12",
    kinds: dict[str, str | Kind] | None = None,
    classes: dict[str, str] | None = None,
) -> Outcome:
    """Run steps such as "lock x, lock y, unlock y, unlock x"; a lock is a mutex of its own class unless said so."""
    events = [[_event(text.split()) for text in step.split(", ")] for step in steps]
    names = {name for event in itertools.chain(*events) for name in (event.lock, event.outer) if name is not None}
    kinds, classes = kinds or {}, classes or {}
    locks = {name: (_kind(kinds.get(name, "mutex")), classes.get(name, name)) for name in sorted(names)}
    return run(LockScenario("", locks, tuple(Step("", tuple(step)) for step in events)), linux)


def _kind(kind: str | Kind) -> Kind:
    return KINDS[kind] if isinstance(kind, str) else kind


def _event(words: list[str]) -> Event:
    name, lock, *rest = words
    if name == "lock_nested":
        return Event(name, lock, subclass=int(rest[0]))
    if name == "lock_nest_lock":
        return Event(name, lock, outer=rest[0])
    return Event(name, lock)
