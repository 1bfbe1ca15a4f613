"""Chapter 7, lockdep."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from kvmlab import threading
from kvmlab.lockdep import KINDS, Lock, Validator
from kvmlab.practice.bench import Bench, Finding
from kvmlab.practice.ending import Unmet
from kvmlab.practice.judges import choice, in_an_order
from kvmlab.practice.listen import heard, says
from kvmlab.practice.task import Task, answer, class_, function
from kvmlab.primitives import Mutex
from kvmlab.scenario import Scenario

Body = Callable[[Any], object]
Event = tuple[str, str, str]

HELD = {
    "link_scan": "link_lock",
    "bus_rescan": "bus_lock",
    "dev_suspend": "&dev->mutex",
    "dev_resume": "state_lock",
}
"""The answer of ``07.report``."""


def held(bench: Bench, given: Any) -> None:
    """For each function the lock that it held when it asked for the other one."""
    form = "Give a dictionary that has each of the four functions as a key, once."
    if not bench.expect(isinstance(given, dict) and set(given) == set(HELD), "no dictionary", form):
        return
    for function_, lock in HELD.items():
        said = str(given[function_]).replace("(", "").replace(")", "").strip()
        if not bench.expect(said in HELD.values(), f"unknown {said}", f"The report names no lock `{said}`."):
            return
        bench.expect(said == lock, f"{function_} {said}", f"It is not `{said}` that `{function_}` held.")


class Depot:
    """Four locks. The documented order: order, parcel, label, shelf."""

    def __init__(self) -> None:
        self.order = Mutex()
        self.parcel = Mutex()
        self.label = Mutex()
        self.shelf = Mutex()


def packs(w: Depot) -> None:
    """Keeps to the order."""
    with w.order, w.parcel:
        pass


def labels(w: Depot) -> None:
    """Keeps to the order."""
    with w.parcel, w.label:
        pass


def returns(w: Depot) -> None:
    """Breaks it."""
    with w.label, w.order:
        pass


def stores(w: Depot) -> None:
    """Keeps to the order, and is on no circle."""
    with w.label, w.shelf:
        pass


def weighs(w: Depot) -> None:
    """Tries against the order."""
    with w.parcel:
        if w.order.trylock():
            w.order.unlock()


DEPOT = (packs, labels, returns, stores, weighs)


def blamed(bench: Bench, given: Any) -> None:
    """Run in this order, lockdep reports while `packs` runs."""
    listed = in_an_order(bench, given, DEPOT)
    said = heard(bench, "the five paths, one after another", lambda: Scenario(Depot, *DEPOT), order=listed)
    if said is None or said.reporter == "packs":
        bench.checked.append("your order, with a lockdep fresh from boot")
        return
    bench.expect(False, f"reports at {said.reporter}", f"In this order lockdep reports while `{said.reporter}` runs.")


SHORT = (
    ("two locks in one order", "x lock a, x lock b, x unlock b, x unlock a, y lock a, y lock b"),
    ("two locks in two orders", "x lock a, x lock b, x unlock b, x unlock a, y lock b, y lock a"),
    (
        "three locks in a ring",
        "x lock a, x lock b, x unlock b, x unlock a, y lock b, y lock c, y unlock c, y unlock b, z lock c, z lock a",
    ),
    ("one task does it all", "x lock a, x lock b, x unlock b, x unlock a, x lock b, x lock a"),
    ("the first lock is given back before", "x lock a, x unlock a, x lock b, x unlock b, y lock b, y lock a"),
    ("two tasks hold one lock each", "x lock a, y lock b, x unlock a, y unlock b, x lock b, x lock a"),
    ("given back in another order", "x lock a, x trylock b, x unlock a, x lock c, y lock c, y lock a"),
    ("what is left is still held", "x lock a, x lock b, x unlock a, x lock c, y lock c, y lock b"),
    ("a lock under itself", "x lock a, x lock a"),
    ("a try against the order", "x lock a, x trylock b, x unlock b, x unlock a, y lock b, y lock a"),
    ("a lock that was got by a try", "x trylock b, x lock a, x unlock a, x unlock b, y lock a, y lock b"),
    ("two of one name, one given back", "x lock a, x trylock a, x unlock a, x lock b, y lock b, y lock a"),
    ("a reader inside a lock, and the other way round", "x lock a, x read s, y read s, y lock a"),
    ("a section inside a section", "x read s, x read s, x read_unlock s, x read_unlock s"),
    ("a lock inside a reader, and a wait inside the lock", "x read s, x lock a, y lock a, y synchronize s"),
    ("the wait first, then the reader", "y lock a, y synchronize s, y unlock a, x read s, x lock a"),
    ("a wait that is over", "x synchronize s, x lock a, x unlock a, y lock a, y synchronize s"),
    ("a wait inside one's own section", "x lock a, x read s, x synchronize s"),
    ("readers of two domains", "x read s, x synchronize t, x read_unlock s, y read t, y synchronize s"),
    ("two locks with a reader between", "x lock a, x read s, x lock b, y lock b, y lock a"),
)
"""Short histories for ``07.lockdep``."""

MANY = 400
"""How many longer ones there are."""


def history(text: str) -> list[Event]:
    """The events of a line of `SHORT`."""
    return [(task, does, lock) for task, does, lock in (event.split() for event in text.split(", "))]


def long_history(rng: random.Random) -> list[Event]:
    """Two or three tasks that do what comes to their mind; nobody gives back what it does not hold."""
    held: dict[str, list[str]] = {task: [] for task in "xyz"[: rng.choice((2, 2, 3))]}
    events = []
    for _ in range(rng.randint(6, 16)):
        task = rng.choice(list(held))
        mine = held[task]
        if mine and rng.random() < 0.42:
            lock = mine.pop(rng.choice((-1, -1, 0)))
            events.append((task, "read_unlock" if lock in "st" else "unlock", lock))
            continue
        does = rng.choice(("lock", "lock", "lock", "trylock", "read", "read", "synchronize"))
        lock = rng.choice("st" if does in ("read", "synchronize") else "abc")
        events.append((task, does, lock))
        if does != "synchronize":
            mine.append(lock)
    return events


def reported_at(events: Sequence[Event]) -> int | None:
    """The event, from 1, at which the package's validator reports; None if it does not."""
    validator = Validator("complete")
    locks = {name: Lock(name, KINDS["srcu" if name in "st" else "mutex"]) for name in "abcst"}
    for number, (task, does, name) in enumerate(events, 1):
        lock = locks[name]
        if does in ("unlock", "read_unlock"):
            validator.release(task, lock)
        elif does == "synchronize":
            validator.sync(task, lock)
        else:
            validator.acquire(task, lock, shared=does == "read", trylock=does == "trylock")
        if validator.report:
            return number
    return None


def own_lockdep(bench: Bench, first_report: Callable[[list[Event]], Any]) -> None:
    """A function that reports where the validator does, and nowhere else."""
    short = [(case, history(text)) for case, text in SHORT]
    rng = random.Random(7)
    long = [(f"{MANY} longer histories", long_history(rng)) for _ in range(MANY)]
    for name, histories in ((f"{len(short)} short histories", short), (f"{MANY} longer histories", long)):
        asked = partial(lambda several: [first_report(list(one)) for _, one in several], histories)
        given = bench.call("first_report", name, asked)
        for (case, events), said in zip(histories, given, strict=True):
            if said is not None and type(said) is not int:
                bench.expect(False, "no number", "Return the number of an event, from 1, or None. This is neither.")
                return
            right = reported_at(events)
            if said != right:
                bench.findings.append(_differs(case, events, right, said))
        bench.stop()


def _differs(case: str, events: list[Event], right: int | None, said: int | None) -> Finding:
    what = "missed" if said is None else "false alarm" if right is None else "early" if said < right else "late"
    real = f"Lockdep reports at event {right}" if right else "Lockdep is silent"
    yours = f"yours reports at event {said}" if said is not None else "yours is silent"
    lines = tuple(f"{number}. {' '.join(event)}" for number, event in enumerate(events, 1))
    return Finding("wrong", f"{real}, and {yours}.", ("wrong", case, what), case, lines=lines)


class Workshop:
    """A mutex, and a flag of the kind that the reader has made speak."""

    def __init__(self, kind: Callable[[], Any]) -> None:
        self.flag = kind()
        self.mutex = Mutex()
        self.taken = threading.Event()
        self.tried = threading.Event()
        self.count = 0


def only_flag(w: Workshop) -> None:
    """Takes the flag and gives it back."""
    w.flag.take()
    w.count += 1
    w.flag.give()


def only_tries(w: Workshop) -> None:
    """Tries, and counts either way."""
    while not w.flag.try_take():
        w.flag.take()
        w.flag.give()
    w.count += 1
    w.flag.give()


def flag_then_mutex(w: Workshop) -> None:
    """Holds the flag while it asks for the mutex."""
    w.flag.take()
    with w.mutex:
        pass
    w.flag.give()


def flag_before_mutex(w: Workshop) -> None:
    """Has given the flag back when it asks for the mutex."""
    w.flag.take()
    w.flag.give()
    with w.mutex:
        pass


def mutex_then_flag(w: Workshop) -> None:
    """Holds the mutex while it asks for the flag."""
    with w.mutex:
        w.flag.take()
        w.flag.give()


def tried_then_mutex(w: Workshop) -> None:
    """Has the flag by a try while it asks for the mutex."""
    if w.flag.try_take():
        with w.mutex:
            pass
        w.flag.give()


def mutex_then_try(w: Workshop) -> None:
    """Tries to get the flag while it holds the mutex."""
    with w.mutex:
        if w.flag.try_take():
            w.flag.give()


def ends_with_flag(w: Workshop) -> None:
    """Ends, and has the flag still."""
    w.flag.take()


def keeps_flag(w: Workshop) -> None:
    """Has the flag until somebody has tried to get it."""
    w.flag.take()
    w.taken.set()
    w.tried.wait()
    w.flag.give()


def tries_in_vain(w: Workshop) -> None:
    """Tries to get it meanwhile."""
    w.taken.wait()
    with w.mutex:
        if w.flag.try_take():
            raise Unmet("both", "Two tasks have the flag at the same time.")
    w.tried.set()


def both_counted(w: Workshop) -> None:
    """Both have been at work."""
    if w.count != 2:
        raise Unmet("lost", "Two tasks had the flag at the same time, and one has undone what the other did.")


def told_flag(bench: Bench, kind: type) -> None:
    """Lockdep hears of the flag what it has to hear, and nothing else; and the flag is what it was."""

    def workshop(*tasks: Body) -> Callable[[], Scenario]:
        return lambda: Scenario(partial(Workshop, kind), *tasks, name="Workshop")

    bench.prove("two tasks that share the flag", workshop(only_flag, only_flag), ends=both_counted)
    bench.stop()
    bench.prove("one of them tries first", workshop(only_flag, only_tries), ends=both_counted)
    says(
        bench,
        "the flag, and nothing else",
        workshop(only_flag),
        "silent",
        "Nothing is wrong here, and lockdep complains.",
    )
    bench.stop()
    left = "a task that ends with the flag"
    said = heard(bench, left, workshop(ends_with_flag), fine=("held",))  # which the engine says of its own locks
    if said is not None:
        noticed = said.verdict == "reported" or said.failures
        sentence = "A task has ended and never gave the flag back, and lockdep has not noticed."
        bench.expect(noticed, "never given back", sentence, case=left)
    two = workshop(flag_then_mutex, mutex_then_flag)
    says(bench, "flag and mutex in two orders", two, "reported", "These two can deadlock, and lockdep is silent.")
    says(
        bench, "the flag is given back before the mutex", workshop(flag_before_mutex, mutex_then_flag), "silent",
        "The first task does not hold the flag any more, and lockdep reports it.",
    )  # fmt: skip
    says(
        bench, "the flag by a try, and the mutex under it", workshop(tried_then_mutex, mutex_then_flag), "reported",
        "A flag that was got by a try is held like any other. Lockdep is silent.",
    )  # fmt: skip
    says(
        bench, "a try under the mutex", workshop(flag_then_mutex, mutex_then_try), "silent",
        "A try does not wait, so these two cannot hang. Lockdep reports them.",
    )  # fmt: skip
    says(
        bench, "a try that fails", workshop(keeps_flag, tries_in_vain, flag_then_mutex), "silent",
        "Who has tried in vain holds nothing. Lockdep reports it.",
    )  # fmt: skip
    bench.stop()
    found = bench.look("flag and mutex in two orders, every schedule", two)
    if found is not None and found.deadlocks:
        says(
            bench, "the moment of the deadlock itself", two, "reported",
            "The two hang, and lockdep has not heard who asks for what.", order=found.deadlocks[0].schedule,
        )  # fmt: skip


TASKS = (
    Task(
        "07.accounts",
        "An order that lockdep cannot see",
        "predict",
        ("M8", "M6"),
        (answer("verdict"), answer("because")),
        choice(("a", "b", "c", "d"), "b", reasons=("1", "2", "3", "4"), because="3"),
        "The locks are taken by number, so no circle of waits can close. Lockdep knows no numbers: all accounts are "
        "made by one line, and it sees a lock of that class taken under another one.",
        (
            "Two questions in one: can it hang, and what does somebody see who knows only classes?",
            "Which line makes the lock of an account? How many lock classes are that?",
            "A class under itself is reported as possible recursive locking. To be silent, lockdep would have to be "
            "told that the nesting is meant.",
        ),
    ),
    Task(
        "07.report",
        "Read a report",
        "find",
        ("M3",),
        (answer("held"),),
        held,
        "An entry shows who asked for its lock. What was held there is the lock of the next entry, the one with the "
        "smaller number. And entry #0 was made under the lock of the first entry: there the circle closes.",
        (
            "Each entry has a lock and, below it, the stack that *asked* for it.",
            "Entry #3 was asked for under the lock of entry #2, #2 under that of #1, #1 under that of #0.",
            "`dev_resume` is the reporter. The head of the report says what it asks for, and what it holds.",
        ),
    ),
    Task(
        "07.blame",
        "Who gets the blame",
        "order",
        ("M6",),
        (answer("order"),),
        blamed,
        "A report comes with the last dependency that is missing, whoever makes it. `packs` keeps to the documented "
        "order, and it is the one whose name stands at the head of the report.",
        (
            "Which three of the five make the circle? Write down for each what it asks for under what.",
            "Lockdep reports at the last of these three, whichever that is.",
            "The circle is order, parcel, label, and back. `weighs` only tries, so it makes no dependency. Run "
            "`labels` and `returns` before `packs`.",
        ),
    ),
    Task(
        "07.lockdep",
        "A lockdep with readers",
        "build",
        ("M2", "M7", "M4"),
        (function("first_report", "history"),),
        own_lockdep,
        "What may wait makes a dependency from everything that its task holds: a lock, and a wait for readers. What "
        "cannot wait makes none, a try or a reader, and is held all the same.",
        (
            "By task, what it holds. And from lock to lock, what was ever asked for under it. Which of the six events "
            "change the first, and which the second?",
            "Report before you add a dependency: if a way leads from the lock that is asked for to one that is held, "
            "it closes a circle. A lock under itself is the shortest one.",
            "`lock` and `synchronize` look for a way and add dependencies. `lock`, `trylock` and `read` are held "
            "afterwards, in a list. The two unlocks take one entry out of the list.",
        ),
        points=4,
    ),
    Task(
        "07.flag",
        "A flag that speaks",
        "fix",
        ("M7", "M8"),
        (class_("ToldFlag"),),
        told_flag,
        "Lockdep hears of a request before the wait, of a try only if it has worked, and of the giving back. That is "
        "all that the kernel's own locks tell it.",
        (
            "Three methods, and three things to say. Which of them is said before, and which afterwards?",
            "A try cannot wait, so it is not announced. If it has worked, say so: `acquire(trylock=True)`.",
            "`take`: `self.dep_map.acquire()`, and then `super().take()`, outside of the condition. `try_take`: keep "
            "the result of `super().try_take()`. `give`: `self.dep_map.release()`.",
        ),
        points=3,
    ),
)
