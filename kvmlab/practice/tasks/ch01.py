"""Chapter 1, two locks, two orders."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

from kvmlab import threading
from kvmlab.controlled import Fiber
from kvmlab.practice.bench import Bench
from kvmlab.practice.ending import Unmet
from kvmlab.practice.holdings import Holdings
from kvmlab.practice.judges import choice, names, reaches
from kvmlab.practice.task import Task, answer, class_, function
from kvmlab.practice.worlds import Account, Bank, audit
from kvmlab.scenario import Scenario
from kvmlab.stepper import State

Body = Callable[[Any], object]
Transfer = Callable[[Account, Account, int], object]


class Desk:
    """The world of ``01.desk``: three things that two colleagues share."""

    def __init__(self) -> None:
        self.pen = threading.Lock()
        self.paper = threading.Lock()
        self.stamp = threading.Lock()


def writes(desk: Desk) -> None:
    """Takes the pen, then the paper."""
    with desk.pen, desk.paper:
        pass


def stamps(desk: Desk) -> None:
    """Takes the stamp, then the paper."""
    with desk.stamp, desk.paper:
        pass


def signs(desk: Desk) -> None:
    """Takes the paper, then the pen."""
    with desk.paper, desk.pen:
        pass


def desk() -> Scenario:
    """Three tasks, of whom two can wait for each other for ever."""
    return Scenario(Desk, writes, stamps, signs)


def waits_and_will_go_on(state: State) -> str | None:
    """The third task waits and no deadlock can happen any more."""
    if state.kind == "dead":
        return "That is the deadlock. The question is how `signs` can wait without one."
    if not state.tasks["signs"].startswith("waits"):
        return f"`signs` does not wait here; {state.tasks['signs']}."
    if state.deadlocked:
        return f"`signs` waits, but {state.deadlocked} of the {state.schedules} schedules from here end in a deadlock."
    return None


def transfer(bank: Bench, transfer: Transfer) -> None:
    """Money moves between accounts: none is lost, nobody waits for ever, and an audit always counts all of it."""

    def moves(giver: str, taker: str, amount: int) -> Body:
        def move(w: Bank) -> None:
            transfer(getattr(w, giver), getattr(w, taker), amount)

        move.__name__ = f"{giver}_to_{taker}"
        return move

    def holds(w: Bank, amounts: dict[str, int]) -> None:
        for name, amount in amounts.items():
            account = getattr(w, name)
            with account.lock:
                if account.balance != amount:
                    raise Unmet(
                        f"balance {name}",
                        f"At the end {name.capitalize()} has {account.balance}, and should have {amount}.",
                    )

    def tried(case: str, *bodies: Body, **amounts: int) -> None:
        bank.prove(case, lambda: Scenario(Bank, *bodies), ends=partial(holds, amounts=amounts))

    tried("one transfer, and nobody else", moves("anna", "ben", 3), anna=7, ben=13)
    tried("a transfer from Anna to herself", moves("anna", "anna", 3), anna=10)
    tried("two transfers, there and back", moves("anna", "ben", 3), moves("ben", "anna", 1), anna=8, ben=12)
    tried("a transfer from Cleo to Anna, and an audit", moves("cleo", "anna", 2), audit, cleo=8, anna=12)
    tried(
        "three transfers, all the way round",
        *(moves("anna", "ben", 1), moves("ben", "cleo", 1), moves("cleo", "anna", 1)),
        anna=10,
        ben=10,
        cleo=10,
    )


class Held:
    """Counts how many locks a task holds at the same moment, and how many there are.

    Attributes:
        most: the largest number that a task has held.
        locks: the names of all that were taken.
    """

    def __init__(self) -> None:
        self.most = 0
        self.locks: set[str] = set()
        self._holdings = Holdings()

    def asks(self, fiber: Fiber) -> None:
        """Only what it gets is counted."""

    def got(self, fiber: Fiber, result: Any) -> None:
        """Note what `fiber` holds now."""
        self._holdings.got(fiber, result)
        held = self._holdings.of(fiber)
        self.locks.update(held)
        self.most = max(self.most, len(held))


def three(bench: Bench, table: Callable[[], Any], *tasks: Body) -> None:
    """Three tasks deadlock, and no two of them do."""
    numbered = dict(enumerate(tasks, 1))
    for pair in combinations(numbered, 2):
        chosen = [numbered[number] for number in pair]
        bench.prove(f"tasks {pair[0]} and {pair[1]} alone", partial(Scenario, table, *chosen))
    bench.stop()
    held = Held()
    found = bench.look("all three", lambda: Scenario(table, *tasks), watch=held)
    bench.stop()
    assert found is not None
    if found.deadlocks:
        waits = max(len(one.waits) for one in found.deadlocks)
        bench.expect(waits == 3, f"waits {waits}", f"A deadlock it is, but only {waits} of the three wait in it.")
    else:
        code = f"no deadlock, {held.most} of {len(held.locks)} held"
        bench.expect(False, code, "No two of them deadlock, as asked. But the three do not either.")
    bench.expect(not found.failures, "failed", "Apart from the deadlock, a task fails: it must only take locks.")


TASKS = (
    Task(
        "01.round",
        "Three locks in a ring",
        "predict",
        ("M3",),
        (answer("can_deadlock"), answer("because")),
        choice(("a", "b", "c"), "b", reasons=("1", "2", "3"), because="2"),
        "Each of the three can have its first lock while it waits for the next one's. Two of them share one lock only, "
        "so no pair takes two locks in opposite order.",
        (
            "Let each of them take its first lock. What does each ask for next, and who has it?",
            "Draw an arrow from each task to the task that it waits for. Three arrows can close, too.",
            "A deadlock needs a circle of waits. That two tasks take two locks in opposite order is the shortest "
            "circle, not the only one.",
        ),
    ),
    Task(
        "01.desk",
        "Waiting is not a deadlock",
        "step",
        ("M2",),
        (answer("stepper"),),
        reaches(desk, waits_and_will_go_on),
        "`signs` waits, and whoever holds what it waits for can go on. Waiting is what locks are for; a deadlock is a "
        "wait that nobody can end.",
        (
            "`signs` asks for the paper first. Who can have it?",
            "If `writes` has both of its things, what can it still wait for?",
            "Let `writes` take the pen and the paper. Now `signs` must wait, and `writes` will put both back.",
        ),
    ),
    Task(
        "01.circle",
        "Who is on the circle?",
        "find",
        ("M3",),
        (answer("on_the_circle"),),
        names({"writes", "signs"}, what="task on the circle", among=("writes", "stamps", "signs")),
        "`writes` holds the pen and waits for the paper, `signs` holds the paper and waits for the pen. `stamps` waits "
        "for the paper, too, but nobody waits for `stamps`: it is stuck behind the circle, not on it.",
        (
            "Start at any waiting task and follow the arrows. Where do you come back to?",
            "Who is on the circle is waited for by somebody on the circle.",
            "Does anybody wait for the stamp?",
        ),
    ),
    Task(
        "01.transfer",
        "Money in order",
        "fix",
        ("M1", "M3"),
        (function("transfer", "giver", "taker", "amount"),),
        transfer,
        "All tasks take the locks of accounts in one order, so no circle of waits can close. Both locks are held while "
        "the money moves, so nobody sees it missing. And one account is locked once.",
        (
            "Which locks does the transfer need at the same moment, and in which order does `audit` take them?",
            "Lock the account with the smaller number first, whichever way the money goes.",
            "`first, second = sorted((giver, taker), key=lambda account: account.number)`. And if both are the same "
            "account there is nothing to do: a lock that you hold you cannot take again.",
        ),
        points=3,
    ),
    Task(
        "01.three",
        "A deadlock of exactly three",
        "build",
        ("M3",),
        (class_("Table"), function("first"), function("second"), function("third")),
        three,
        "A circle of three, and every pair of tasks is harmless. Tests of pairs find nothing here, and neither does a "
        "look at any two functions.",
        (
            "With two tasks and two locks the circle has two arrows. Here it needs three of each.",
            "Two tasks can wait for each other only if they share two locks. Let each pair share just one.",
            "Locks a, b, c: the first task takes a then b, the second b then c. What does the third one take?",
        ),
        points=2,
    ),
)
