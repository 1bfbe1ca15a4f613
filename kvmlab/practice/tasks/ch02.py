"""Chapter 2, the writer who waits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kvmlab.practice.bench import Bench, Finding
from kvmlab.practice.ending import Unmet
from kvmlab.practice.judges import choice, reaches
from kvmlab.practice.passing import PassingWatch
from kvmlab.practice.task import Task, answer, class_, function, untouched
from kvmlab.practice.worlds import ANSWER, Hall, Lookups, Pages, Room, guide, painter, warden
from kvmlab.replay import play
from kvmlab.scenario import Scenario
from kvmlab.stepper import State

Body = Callable[[Any], object]


def hall() -> Scenario:
    """A guide, a warden and a painter."""
    return Scenario(Hall, guide, warden, painter)


def shut_out_for_a_while(state: State) -> str | None:
    """The warden waits behind a writer who waits, and no deadlock can happen any more."""
    if state.kind == "dead":
        return "That is the deadlock. The question is how the warden can wait at the door without one."
    if not state.tasks["warden"].startswith("waits"):
        return f"The warden does not wait here; {state.tasks['warden']}."
    if not state.tasks["warden"].startswith("waits for hall"):
        return "The warden waits, but not at the door of the hall: it wants the key."
    if not state.tasks["painter"].startswith("waits"):
        return "The warden waits for a painter who is at work. Nobody is inside the hall but the painter."
    if state.deadlocked:
        share = f"{state.deadlocked} of the {state.schedules} schedules from here"
        return f"The warden waits at the door, but {share} end in a deadlock."
    return None


WAITS_FOR = {"guide": "warden", "warden": "painter", "painter": "guide", "cleaner": "painter"}
"""The answer of ``02.arrows``."""


def arrows(bench: Bench, given: Any) -> None:
    """For each task the one that it waits for."""
    form = "Give a dictionary that has each of the four tasks as a key, once."
    if not bench.expect(isinstance(given, dict) and set(given) == set(WAITS_FOR), "no dictionary", form):
        return
    strange = sorted({str(whom) for whom in given.values()} - set(WAITS_FOR))
    if not bench.expect(not strange, "unknown", f"There is no task `{strange[0] if strange else ''}` here."):
        return
    for task, whom in WAITS_FOR.items():
        said = given[task]
        bench.expect(
            said == whom,
            f"{task} {said}",
            f"`{task}` waits for itself?" if said == task else f"`{said}` cannot end the wait of `{task}`.",
        )


def lock(bench: Bench, kind: Callable[[], Any]) -> None:
    """A reader/writer lock: data are whole, readers share, nobody is left behind, and no reader passes a writer."""
    methods = [getattr(kind, name, None) for name in ("read_lock", "read_unlock", "write_lock", "write_unlock")]
    written = not all(untouched(method) for method in methods)
    bench.expect(written, "untouched", "The methods of your lock are still to be written.")
    bench.stop()
    room, pages = partial(Room, kind), partial(Pages, kind)

    def alone(w: Room) -> None:
        for _ in range(2):
            visit(w)
            change(w)

    bench.prove("one task, which reads and writes by turns", lambda: Scenario(room, alone, name="Room"))
    bench.stop()
    bench.prove("two readers who meet inside", lambda: Scenario(room, meet_first, meet_second, name="Room"))
    bench.stop()
    bench.prove("a reader and a writer, who share data", lambda: Scenario(pages, read, write, name="Pages"))
    bench.stop()
    bench.prove("two readers and a writer, who share data", lambda: Scenario(pages, read, read, write, name="Pages"))
    bench.prove("two writers", lambda: Scenario(pages, write, write, name="Pages"), ends=both_written)
    bench.stop()
    passes(bench, "who walks past a writer: two readers and a writer", lambda: Scenario(room, visit, visit, change))
    bench.stop()
    passes(bench, "who walks past a writer: a reader and two writers", lambda: Scenario(room, visit, change, change))


def visit(w: Room) -> None:
    """Comes in as a reader, once."""
    w.lock.read_lock()
    w.here.load()
    w.lock.read_unlock()


def change(w: Room) -> None:
    """Comes in as a writer, once."""
    w.lock.write_lock()
    w.here.load()
    w.lock.write_unlock()


def meet_first(w: Room) -> None:
    """Stays inside until the other one is."""
    w.lock.read_lock()
    w.first.complete()
    w.second.wait()
    w.lock.read_unlock()


def meet_second(w: Room) -> None:
    """The other one."""
    w.lock.read_lock()
    w.second.complete()
    w.first.wait()
    w.lock.read_unlock()


def read(w: Pages) -> None:
    """Both cells must be equal."""
    w.lock.read_lock()
    left, right = w.left.load(), w.right.load()
    w.lock.read_unlock()
    if left != right:
        raise Unmet("half a change", "A reader has seen half a change: a writer was inside at the same time.")


def write(w: Pages) -> None:
    """One more in both cells."""
    w.lock.write_lock()
    number = w.left.load() + 1
    w.left.store(number)
    w.right.store(number)
    w.lock.write_unlock()


def both_written(w: Pages) -> None:
    """Two writers have written."""
    if w.left.load() != 2:
        raise Unmet("lost", "One of two changes is lost: the writers were inside at the same time.")


def passes(bench: Bench, case: str, scenario: Callable[[], Scenario]) -> None:
    """A reader who finds a writer waiting is not inside before that writer."""
    watch = PassingWatch("here", "change")
    found = bench.look(case, scenario, watch=watch, by="traces")
    if found is None:
        return
    bench.expect(
        not watch.borrowed, "borrowed", "Your lock has a reader/writer lock inside. Build it of `kvmlab.threading`."
    )
    made = scenario()
    if found.deadlocks or found.failures:
        bench.prove(f"{case}, once more", made)
    elif watch.passed:
        one = watch.passed
        bench.findings.append(
            Finding(
                "unmet",
                f"`{one.writer}` waits. After that `{one.reader}` comes, and is inside first.",
                ("unmet", case, f"walked past {one.asks}"),
                case,
                found,
                play(made, one.way),
                made,
            )
        )
    elif found.unfinished:
        bench.expect(False, "not finished", "The search did not come to an end, so nothing is proven. Make it simpler.")


def lookup(bench: Bench, lookup: Callable[[Lookups], Any]) -> None:
    """The value is made once, under the write lock, and who finds it there waits for no reader."""

    def looks_up(w: Lookups) -> None:
        given = lookup(w)
        if given != ANSWER:
            raise Unmet("wrong value", f"`lookup` returned {given!r}; the value is {ANSWER}.")

    def looks_up_and_says_so(w: Lookups) -> None:
        looks_up(w)
        w.found.complete()

    for task in (looks_up, looks_up_and_says_so):
        vars(task)["__wrapped__"] = lookup  # whose source a stepper shows

    def reads_meanwhile(w: Lookups) -> None:
        with w.sem.read():
            w.found.wait()

    def reads_twice(w: Lookups) -> None:
        with w.sem.read():
            first, second = w.value.load(), w.value.load()
        if first != second:
            raise Unmet("changed", "The value changed while somebody was inside `sem` as a reader.")

    def changes(w: Lookups) -> None:
        with w.sem.write():
            w.value.store("half")
            w.value.store(ANSWER)

    def once(w: Lookups) -> None:
        made = w.made.load()
        if made != 1:
            raise Unmet(f"made {made}", f"The value was made {made} times. It takes long, so make it once.")

    empty, full = Lookups, partial(Lookups, ANSWER)
    bench.prove("one lookup, and nothing there yet", lambda: Scenario(empty, looks_up, name="Lookups"), ends=once)
    bench.stop()
    bench.prove(
        "one lookup, and somebody who reads meanwhile",
        lambda: Scenario(empty, looks_up, reads_twice, name="Lookups"), ends=once,
    )  # fmt: skip
    bench.prove("two lookups at once", lambda: Scenario(empty, looks_up, looks_up, name="Lookups"), ends=once)
    bench.prove(
        "two lookups, and a writer who changes the value in two steps",
        lambda: Scenario(full, looks_up, looks_up, changes, name="Lookups"),
    )
    bench.prove(
        "the value is there, and a reader stays inside until it has been found",
        lambda: Scenario(full, looks_up_and_says_so, reads_meanwhile, name="Lookups"),
    )


TASKS = (
    Task(
        "02.rooms",
        "How many writers does it take?",
        "predict",
        ("M3", "M4"),
        (answer("writers"), answer("writers_because")),
        choice(("a", "b", "c", "d"), "c", reasons=("1", "2", "3", "4"), because="4"),
        "Each reader must be stopped at its second lock. A shut door stops newcomers at that lock only, so both doors "
        "must be shut, each by a writer of its own. Four tasks, and with any one of them away all is well.",
        (
            "Let each of the two have its first lock. Which door must be shut so that the first of them stops?",
            "Say that a writer waits at one of the locks. The reader who asks for the other lock: does it wait?",
            "With one writer, one of the two readers gets both its locks, leaves, and lets everybody go on. So count "
            "how many doors have to be shut.",
        ),
    ),
    Task(
        "02.hall",
        "Shut out, and all is well",
        "step",
        ("M2", "M4"),
        (answer("stepper"),),
        reaches(hall, shut_out_for_a_while),
        "The warden waits behind a writer who waits, with the key in its hand, and it is no deadlock: the one inside "
        "does not want the key any more.",
        (
            "The painter must wait, so somebody is inside the hall. Who can that be, if the warden is outside?",
            "In the deadlock the guide wants the key. When does it not want the key any more, and is still inside?",
            "Let the guide come in, take the key and put it back. Now the warden takes the key; then the painter, then "
            "the warden.",
        ),
    ),
    Task(
        "02.arrows",
        "Nobody has notified it",
        "find",
        ("M9",),
        (answer("waits_for"),),
        arrows,
        "A condition has no owner, so the search cannot name whom a task waits for. You can: it is the one whose next "
        "step makes the test of the `while` loop false.",
        (
            "For each of the three that wait on the condition, read the line: which `while` is it in, and what does it "
            "test?",
            "`self.writer` was set by one task, and that one must clear it. `self.readers` counts those inside.",
            "The door was shut by the first writer who came. Two tasks stand before it, and one of these is a writer "
            "itself.",
        ),
    ),
    Task(
        "02.lookup",
        "Look it up, or write it down",
        "fix",
        ("M4", "M5"),
        (function("lookup"),),
        lookup,
        "You let go of the read side before you ask for the write side, so you never wait for yourself. In between "
        "somebody else may have written, so you look again.",
        (
            "`sem.write()` waits until all readers have left. Who is one of them?",
            "Leave the read side first. What can have happened when you have the write side?",
            "Two sections, one after the other: read, and return the value if it is there. Then write: look once "
            "more, and make the value only if it is still missing.",
        ),
        points=2,
    ),
    Task(
        "02.lock",
        "A lock whose writers wait in front",
        "build",
        ("M4",),
        (class_("ReadWriteLock"),),
        lock,
        "Readers share, a writer is alone, and nobody walks past a writer who waits, whether the lock is held by "
        "readers or by another writer.",
        (
            "Four methods, one `Condition`, and some numbers. Which numbers does a reader have to look at before it "
            "comes in?",
            "Count the writers who wait. A writer counts itself before it waits, and takes itself off when it is "
            "inside. A reader waits while there is a writer inside or one that waits.",
            "`write_lock`: `waiting += 1`; `while self.writer or self.readers: wait`; `waiting -= 1`; `writer = True`. "
            "`read_lock`: `while self.writer or self.waiting: wait`; `readers += 1`. And both unlocks `notify_all`.",
        ),
        points=4,
    ),
)  # fmt: skip
