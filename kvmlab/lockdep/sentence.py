"""One sentence for the reader about each circle or recursion."""

from __future__ import annotations

from kvmlab.lockdep.checker import Circle
from kvmlab.lockdep.held import HeldLock
from kvmlab.lockdep.kinds import Strength


def circular(asked: HeldLock, circle: Circle) -> str:
    """Who can wait for whom around the circle, and for which reader it takes a waiting writer."""
    steps = [(circle.held, asked), *((hop.witness.outer, hop.witness.inner) for hop in circle.path)]
    waits = [f"one task holds {outer.cls} and waits {_for_what(inner)}" for outer, inner in steps]
    said = f"If nothing else keeps these apart, they can wait for one another for ever: {', '.join(waits[:-1])}"
    said += f", and {waits[-1]}"
    writers = _writers(steps)
    if writers:
        said += f"; readers of {writers} do not block each other, so a writer must be waiting there as well"
    return said + "."


def recursive(asked: HeldLock, held: HeldLock) -> str:
    """Why taking the same class twice is trouble."""
    mine, other = held.lock.name, asked.lock.name
    if asked.sync:
        if asked.lock is held.lock:
            return f"{asked.task} waits for the readers of {mine} while it is one of them, so the wait never ends."
        return (
            f"{asked.task} reads {mine} and waits for the readers of {other}: lockdep sees one class, {asked.cls}, "
            f"and cannot tell that the task does not wait for itself."
        )
    if asked.lock is not held.lock:
        return (
            f"{asked.task} holds {mine} and asks for {other}: lockdep sees one class, {asked.cls}, and nothing says in "
            f"which order two locks of it are taken, so two tasks could do it in opposite orders."
        )
    if held.strength is Strength.EXCLUSIVE or asked.strength is Strength.EXCLUSIVE:
        return f"{asked.task} already holds {mine}, so it waits for itself and never goes on."
    return (
        f"{asked.task} already reads {mine}: if a writer arrives before the second read, the read waits for the "
        f"writer and the writer waits for the first read."
    )


def invalid_wait(asked: HeldLock, held: HeldLock) -> str:
    """Why a task may not wait for this lock here."""
    reads = held.strength is not Strength.EXCLUSIVE
    return (
        f"{asked.task} may have to sleep for {asked.lock.name} while it {'reads' if reads else 'holds'} "
        f"{held.lock.name}, where nobody may sleep."
    )


def _for_what(asked: HeldLock) -> str:
    if asked.sync:
        return f"for the readers of {asked.cls}"
    return f"for {asked.cls}" if asked.strength is Strength.EXCLUSIVE else f"to read {asked.cls}"


def _writers(steps: list[tuple[HeldLock, HeldLock]]) -> str:
    """The classes of the circle that are held by one reader and asked for by another, so that only a writer blocks.

    A recursive reader that meets a reader is no step of a strong circle, so every such reader is a SHARED one.
    """
    following = [outer for outer, _ in steps[1:]] + [steps[0][0]]
    met = [
        str(inner.cls)
        for (_, inner), outer in zip(steps, following, strict=True)
        if inner.strength is not Strength.EXCLUSIVE and outer.strength is not Strength.EXCLUSIVE
    ]
    return " and ".join(met)
