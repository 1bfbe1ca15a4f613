"""The validator: told of every acquisition and release, it says which deadlocks could happen.

    validator = Validator(linux="6.12")
    validator.acquire("nx", kvm_lock, where="nx.py:3")
    validator.acquire("nx", slots_lock, where="nx.py:4")

Nothing here waits or runs anything; tasks are names, locks are Lock objects, and an acquisition is announced before
it is waited for. IRQ contexts are left out: every task is in process context. Also left out: lock comparison
functions, pinned and downgraded locks.

Kernel: lock_acquire(), lock_release(), lock_sync(), __lock_acquire(), __lock_release(), kernel/locking/lockdep.c,
6.12.
"""

from __future__ import annotations

from collections import defaultdict

from kvmlab.lockdep import report as reports
from kvmlab.lockdep.checker import Checker, Circle
from kvmlab.lockdep.classes import Classes, Lock
from kvmlab.lockdep.graph import Graph
from kvmlab.lockdep.held import MAX_LOCK_DEPTH, HeldLock, HeldStack
from kvmlab.lockdep.kinds import Strength
from kvmlab.lockdep.report import Mention, Report
from kvmlab.lockdep.rules import Rules, rules_called
from kvmlab.lockdep.waits import forbidden_under


class Validator:
    """One lockdep, from boot to its first report.

    Every call returns the report that it caused, or None. After a report that is final the validator is off, as the
    kernel's is until the next boot: `armed` is False and nothing more is checked or recorded.

    Args:
        linux: "6.12", "6.1" or "complete" (no blind spots), or a rule set of your own.

    Raises:
        ValueError: there are no such rules.

    Attributes:
        rules: the rule set.
        report: the final report, None while armed.
        warnings: reports that did not turn it off, in order.
    """

    def __init__(self, linux: str | Rules = "complete") -> None:
        self.rules = rules_called(linux)
        self.report: Report | None = None
        self.warnings: list[Report] = []
        self._classes = Classes()
        self._checker = Checker(self.rules)
        self._stacks: defaultdict[str, HeldStack] = defaultdict(HeldStack)

    @property
    def armed(self) -> bool:
        """Whether anything is still checked: False after the first final report."""
        return self.report is None

    @property
    def graph(self) -> Graph:
        """The dependencies recorded so far."""
        return self._checker.graph

    def held(self, task: str) -> tuple[HeldLock, ...]:
        """What a task holds, outermost first."""
        return tuple(self._stacks.get(task, ()))

    def acquire(
        self,
        task: str,
        lock: Lock,
        *,
        shared: bool = False,
        trylock: bool = False,
        subclass: int = 0,
        nest_lock: Lock | None = None,
        where: str = "",
    ) -> Report | None:
        """A task asks for a lock; for a trylock, it has just got it.

        Args:
            task: who.
            lock: what.
            shared: as a reader; how strong a read that is follows from the lock's kind.
            trylock: without waiting. A failed try is not announced at all.
            subclass: 0 to 7, mutex_lock_nested().
            nest_lock: the lock that serialises the nesting of several of one class, mutex_lock_nest_lock().
            where: the place in the source, as reports should show it.

        Raises:
            TypeError: a lock of this kind cannot be taken so.
            ValueError: the subclass is not 0 to 7.
        """
        strength = lock.kind.strength(shared)
        if not self.armed:
            return None
        asked = HeldLock(
            lock, self._classes.of(lock, subclass), strength, task, where, trylock, self._is_checked(lock), nest_lock
        )
        self._acquire(self._stacks[task], asked)
        return self.report

    def release(self, task: str, lock: Lock, *, where: str = "") -> Report | None:
        """A task gives a lock back, in any order.

        The locks further in are taken anew in the kernel's books, so a dependency can come into being here.
        Kernel: __lock_release() and reacquire_held_locks(), 6.12.
        """
        if not self.armed:
            return None
        stack = self._stacks[task]
        entry = self._find(task, lock, where)
        if entry is None:
            meaning = f"{task} gives back {lock.name}, which it does not hold."
            return self.report or self._complain(reports.BAD_UNLOCK, "unlock", task, lock, where, meaning)
        if entry.references > 1:
            entry.references -= 1
            return None
        place = stack.index(entry)
        inner = stack[place + 1 :]
        del stack[place:]
        for held in inner:
            if self.armed:
                self._acquire(stack, held)
        return self.report

    def sync(self, task: str, lock: Lock, *, where: str = "") -> Report | None:
        """A task waits until the readers of now have left: an empty exclusive section that leaves nothing held.

        Kernel: synchronize_srcu(), srcu_lock_sync(), lock_sync(), since v6.4. Before v6.4, and for RCU, only a wait
        inside the reader's own section is noticed, as a warning.

        Raises:
            TypeError: the lock has no grace period to wait for.
        """
        if not lock.kind.grace_period:
            raise TypeError(f"a lock of the kind {lock.kind.name!r} has no grace period to wait for: take it instead")
        if not self.armed:
            return None
        if self._is_checked(lock):
            cls = self._classes.of(lock)
            self._acquire(self._stacks[task], HeldLock(lock, cls, Strength.EXCLUSIVE, task, where, sync=True))
            return self.report
        if self._find(task, lock, where) is None:
            return None
        meaning = f"{task} waits for the readers of {lock.name} while it is one of them."
        return self._complain(reports.SUSPICIOUS_RCU, "sync", task, lock, where, meaning)

    def might_lock(self, task: str, lock: Lock, *, shared: bool = False, where: str = "") -> Report | None:
        """A task says that it may take a lock here, and is checked as if it did.

        Kernel: might_lock(), might_lock_read(), include/linux/lockdep.h, 6.12.
        """
        return self.acquire(task, lock, shared=shared, where=where) or self.release(task, lock, where=where)

    def assert_held(self, task: str, lock: Lock, *, where: str = "") -> Report | None:
        """A task states that it holds a lock. Kernel: lockdep_assert_held(), 6.12: a warning, lockdep stays on."""
        if not self.armed or self._find(task, lock, where) is not None:
            return None
        meaning = f"{task} states that it holds {lock.name}, and does not."
        return self.report or self._complain(reports.NOT_HELD, "assert_held", task, lock, where, meaning)

    def init(self, task: str, lock: Lock, *, where: str = "") -> Report | None:
        """A task makes a lock new, or frees it; it must not hold it. Kernel: debug_check_no_locks_freed(), 6.12."""
        if not self.armed or not any(held.lock is lock for held in self._stacks[task]):
            return None
        meaning = f"{task} makes {lock.name} new while it holds it."
        return self._complain(reports.HELD_FREED, "init", task, lock, where, meaning)

    def task_exit(self, task: str, *, where: str = "") -> Report | None:
        """A task has ended; it must not hold anything. Kernel: debug_check_no_locks_held(), 6.12."""
        stack = self._stacks[task]
        if not self.armed or not stack:
            return None
        meaning = f"{task} has ended and never gave back {', '.join(held.lock.name for held in stack)}."
        return self._complain(reports.HELD_AT_EXIT, "exit", task, stack[-1].lock, where, meaning)

    def _is_checked(self, lock: Lock) -> bool:
        return lock.kind.checked and (self.rules.srcu_seen or lock.kind.name != "srcu")

    def _acquire(self, stack: HeldStack, asked: HeldLock) -> None:
        """Check `asked` under `stack`, then put it there. Kernel: __lock_acquire(), 6.12."""
        if stack and stack[-1].cls is asked.cls and asked.nest_lock is not None:
            stack[-1].references = max(stack[-1].references, 1) + max(asked.references, 1)
            return
        forbids = forbidden_under(stack, asked)
        if forbids is not None:
            self._say(reports.invalid_wait(asked, forbids, stack))
            return
        if asked.nest_lock is not None and self._find(asked.task, asked.nest_lock, asked.where) is None:
            meaning = f"{asked.task} says that {asked.nest_lock.name} serialises this, and does not hold it."
            self._complain(reports.NEST_NOT_HELD, "lock", asked.task, asked.lock, asked.where, meaning)
            return
        finding = self._checker.check(stack, asked)
        if isinstance(finding, Circle):
            self._say(reports.circular(asked, finding, stack))
        elif finding is not None:
            self._say(reports.recursive(asked, finding.held, stack))
        elif not asked.sync:
            stack.append(asked)
            if len(stack) >= MAX_LOCK_DEPTH:
                meaning = f"{asked.task} holds {len(stack)} locks at once, more than lockdep keeps."
                self._complain(reports.TOO_DEEP, "lock", asked.task, asked.lock, asked.where, meaning)

    def _find(self, task: str, lock: Lock, where: str) -> HeldLock | None:
        """The entry of the task's stack that stands for a lock, innermost first.

        An entry that counts nested acquisitions stands for every lock of its class. If it was not itself taken with
        nest_lock, lockdep's books are wrong; it says so and is off. Kernel: match_held_lock(), 6.12.
        """
        for held in reversed(self._stacks[task]):
            if held.lock is lock:
                return held
            base = self._classes.known(lock)
            if held.references and base is not None:
                if held.nest_lock is None:
                    meaning = (
                        f"{task} took {held.lock.name} without nest_lock and then another lock of its class with it: "
                        f"lockdep counts both in one entry and can no longer tell them apart."
                    )
                    self._complain(reports.NEST_CONFUSED, "unlock", task, lock, where, meaning)
                    return None
                if held.cls is base:
                    return held
        return None

    def _complain(self, kind: str, verb: str, task: str, lock: Lock, where: str, meaning: str) -> Report:
        """Say what is wrong with one operation, without a circle or a recursion."""
        about = Mention(lock.name, str(self._classes.known(lock) or lock.class_name), verb, task, where)
        return self._say(reports.plain(kind, about, self._stacks[task], meaning))

    def _say(self, said: Report) -> Report:
        """Keep a report; a final one turns the validator off, and only the first counts."""
        if not said.final:
            self.warnings.append(said)
        elif self.report is None:
            self.report = said
        return said
