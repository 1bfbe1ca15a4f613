"""The check of one acquisition against the locks its task holds, with all that was seen before.

Kernel: validate_chain(), check_deadlock(), check_prevs_add(), check_prev_add(), kernel/locking/lockdep.c, 6.12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kvmlab.lockdep.classes import LockClass
from kvmlab.lockdep.dependency import dependency
from kvmlab.lockdep.graph import Graph
from kvmlab.lockdep.held import HeldLock, HeldStack
from kvmlab.lockdep.kinds import Strength
from kvmlab.lockdep.rules import Rules
from kvmlab.lockdep.search import Hop, strong_path


@dataclass(frozen=True)
class Recursion:
    """The class asked for is already held by the same task."""

    held: HeldLock


@dataclass(frozen=True)
class Circle:
    """The class held can already be reached from the class asked for."""

    held: HeldLock
    path: tuple[Hop, ...]


_Chain = tuple[tuple[LockClass, Strength], ...]


class Checker:
    """The dependency graph, the chains already checked, and the rules by which a new one is.

    A chain is what a task holds with what it asks for. Each is checked once: what matters is the first time its
    last dependency is seen, in whatever timing.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.graph = Graph()
        self._checked: set[tuple[_Chain, bool]] = set()

    def check(self, stack: HeldStack, asked: HeldLock) -> Recursion | Circle | None:
        """Judge `asked` under the locks of `stack`, and record its dependencies.

        A trylock cannot block, so it is not checked; it still counts as held when something is asked for under it.
        """
        if asked.trylock or not asked.checked or self._seen_before(stack, asked):
            return None
        held = _same_class(stack, asked)
        if held is not None:
            return None if _nested(stack, asked, held) else Recursion(held)
        for held in self._relevant(stack):
            path = strong_path(
                self.graph,
                start=asked.cls,
                goal=held.cls,
                closing=dependency(held.strength, asked.strength),
                two_marks=self.rules.two_marks,
            )
            if path is not None:
                return Circle(held, path)
            self.graph.add(held, asked)
        return None

    def _seen_before(self, stack: HeldStack, asked: HeldLock) -> bool:
        """Whether this chain was checked before.

        The kernel's cache does not tell a nested acquisition (nest_lock) from a plain one; the complete rules do.
        """
        nested = asked.nest_lock is not None and self.rules.every_held
        chain = ((*stack.chain(), (asked.cls, asked.strength)), nested)
        if chain in self._checked:
            return True
        self._checked.add(chain)
        return False

    def _relevant(self, stack: HeldStack) -> Iterator[HeldLock]:
        """The held locks a dependency is drawn from, innermost first.

        The kernel stops at the first that was waited for: what is further out is connected to that one already.
        """
        for held in reversed(stack):
            if held.checked:
                yield held
                if not held.trylock and not self.rules.every_held:
                    return


def _same_class(stack: HeldStack, asked: HeldLock) -> HeldLock | None:
    """The outermost held lock of the class asked for, unless a recursive read finds only readers."""
    for held in stack:
        reads = asked.strength is Strength.RECURSIVE and held.strength is not Strength.EXCLUSIVE
        if held.cls is asked.cls and not reads:
            return held
    return None


def _nested(stack: HeldStack, asked: HeldLock, held: HeldLock) -> bool:
    """Whether the lock that serialises this nesting (nest_lock) was taken no later than `held`."""
    return any(outer.lock is asked.nest_lock for outer in stack[: stack.index(held) + 1])
