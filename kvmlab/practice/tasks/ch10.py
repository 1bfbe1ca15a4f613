"""Chapter 10, other ways out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kvmlab.operation import free
from kvmlab.practice.bench import Bench
from kvmlab.practice.ending import Unmet
from kvmlab.practice.judges import choice, names
from kvmlab.practice.task import Task, answer, function
from kvmlab.practice.worlds import ApicPage, Sensor
from kvmlab.scenario import Scenario

Body = Callable[[Any], object]

ON_A_CIRCLE = {"migrate", "remove_member", "walk_list"}
OTHERS = (*ON_A_CIRCLE, "open_device", "poll", "rename")
"""The tasks of ``10.who_else``: those on a circle with the repaired one, and all others."""

FAULTY = {6, 20, 24}
"""The lines of ``10.review``."""


def sensor(bench: Bench, worker: Body, stop: Body) -> None:
    """The worker samples while it is wanted, and `stop` frees everything after the worker is done."""

    def stop_and_unload(w: Sensor) -> None:
        stop(w)
        free(w.lock)  # the driver is unloaded

    def samples(w: Sensor, least: int, most: int) -> None:
        count = w.samples.load()
        if count < least:
            raise Unmet("too few", f"The count is {count}, and it should be {least}: a sample was skipped or lost.")
        if count > most:
            raise Unmet("too many", f"The count is {count}, and {most} should be the most.")

    def one(w: Sensor) -> None:
        samples(w, 1, 1)

    def two(w: Sensor) -> None:
        samples(w, 2, 2)

    def stopped(w: Sensor) -> None:
        samples(w, 0, 1)
        if w.buffer.load() is not None:
            raise Unmet("buffer", "The sensor has been stopped, and its buffer has not been freed.")
        if w.running.load():
            raise Unmet("running", "`stop` has returned, and `running` is true still.")

    bench.prove("the worker, and nobody else", lambda: Scenario(Sensor, worker), ends=one)
    bench.prove("the worker, while somebody takes a sample", lambda: Scenario(Sensor, worker, by_hand), ends=two)
    bench.prove(
        "the worker and `stop`, and then the driver is unloaded",
        lambda: Scenario(Sensor, worker, stop_and_unload), ends=stopped,
    )  # fmt: skip
    if bench.findings:
        alone = bench.look("`stop`, and there is no worker", lambda: Scenario(Sensor, stop))
        waits = alone is None or alone.deadlocks
        bench.expect(waits, "no wait", "`stop` returns even where there is no worker: it waits for nobody.")


def by_hand(w: Sensor) -> None:
    """Somebody else takes a sample."""
    with w.lock:
        before = w.samples.load()
        w.take_sample()
        if w.samples.load() != before + 1:
            raise Unmet("changes", "Somebody has the lock, and the count changes meanwhile.")


def page(bench: Bench, inhibit: Body) -> None:
    """The page is removed once, nobody waits for itself, and the guest is served by a reader, without the page."""

    def served(w: ApicPage, times: int) -> None:
        if w.page.load():
            raise Unmet("page", "The guest has gone on, and the page is still there.")
        if w.served.read() != times + 1:
            raise Unmet("not served", "A vCPU has come to its end, and its guest has not been served once.")

    def second(w: ApicPage) -> None:
        inhibit(w)

    once, twice = partial(served, times=1), partial(served, times=2)
    bench.prove("one vCPU, and nobody else", lambda: Scenario(ApicPage, inhibit), ends=once)
    bench.prove("one vCPU, while another reads", lambda: Scenario(ApicPage, inhibit, reads), ends=once)
    bench.prove("one vCPU, while memory changes", lambda: Scenario(ApicPage, inhibit, changes_memory), ends=once)
    bench.prove("two vCPUs at the same time", lambda: Scenario(ApicPage, inhibit, second), ends=twice)


def reads(w: ApicPage) -> None:
    """Another vCPU uses the slots."""
    with w.srcu.read():
        w.page.load()


def changes_memory(w: ApicPage) -> None:
    """User space changes another slot."""
    with w.slots_lock:
        w.srcu.synchronize()


TASKS = (
    Task(
        "10.queues",
        "How many queues?",
        "predict",
        ("M10",),
        (answer("queues"), answer("queues_because")),
        choice(("1", "2", "3", "none"), "3", reasons=("a", "b", "c", "d"), because="b"),
        "With two queues some two of the three share one, and of any two here one waits for the other, be it by way of "
        "the third. So each kind needs a queue of its own.",
        (
            "Try two queues: which two kinds of work would share one? There are three ways.",
            "`close` and `write` in one queue: `close` has the place and waits for `flush`. And `flush`?",
            "Who has a place must not wait for somebody who needs that place, neither directly nor by way of others.",
        ),
    ),
    Task(
        "10.who_else",
        "Who else takes these locks?",
        "find",
        ("M2", "M3"),
        (answer("stuck_with_release"),),
        names(ON_A_CIRCLE, what="task on a circle with `release`", among=OTHERS),
        "`migrate` takes the two locks the other way round. And `remove_member` waits, with `group_lock` held, for the "
        "reader `walk_list`, who waits for `list_lock`: a circle of three, which no pair shows.",
        (
            "The repair draws one arrow: who holds `list_lock` waits for `group_lock`. Who holds `group_lock`, and "
            "what does each of those wait for meanwhile?",
            "Three of the tasks wait for something while they hold `group_lock`. A wait need not be for a lock.",
            "`remove_member` waits for readers of `srcu`. Which reader can be kept waiting by `release`?",
        ),
        points=2,
    ),
    Task(
        "10.worker",
        "Stop the worker",
        "fix",
        ("M7", "M9", "M11"),
        (function("worker"), function("stop")),
        sensor,
        "MOVE-WAIT: `stop` says under the lock that it is over, and waits for the worker with empty hands. What is "
        "freed is freed after the wait, and the worker's last word comes after its last use of the lock.",
        (
            "For whom does `stop` wait, and what does that one wait for? `done` has no owner, but you know who "
            "completes it.",
            "Setting `running` needs the lock. Does the wait? And what must come after the wait?",
            "`stop`: set `running` with the lock held; after the unlock `w.done.wait()`; then `w.free_buffer()`. "
            "`worker` may stay as it is.",
        ),
        points=3,
    ),
    Task(
        "10.page",
        "Leave first, then look again",
        "fix",
        ("M5", "M10"),
        (function("inhibit"),),
        page,
        "DROP: the vCPU leaves `srcu` before it asks for anything. What it saw there may be old when it has "
        "`slots_lock`, so it looks again. Then it comes back as a new reader.",
        (
            "For whom does `remove_page` wait, and who is one of them?",
            "Leave `srcu`, and then take `slots_lock`. What may another vCPU have done in between?",
            "Three sections, one after the other. As a reader: is the page there? With `slots_lock`: if it is *still* "
            "there, `w.remove_page()`. As a reader again: `w.emulate()`.",
        ),
        points=3,
    ),
    Task(
        "10.review",
        "Review a lock of its own",
        "review",
        ("M1", "M9"),
        (answer("faulty_lines"),),
        names(FAULTY, what="line with a fault", among=range(1, 27)),
        "Line 6 asks for `vcpu_mutex` inside the innermost lock, while a guest holds it and asks for that lock. Line "
        "20 waits in there for readers who ask for it, too. And line 24 changes the table under the old lock only.",
        (
            "Three lines are at fault. The comment at the head makes two promises; hold each function against both.",
            "Two faults are waits inside `routing_lock`, and one of these is not for a mutex. The third is a change "
            "that some reader or writer of the table is not kept away from.",
            "Which lines stand inside `with w.routing_lock`? Those that can wait are at fault. Which lines touch "
            "`w.routes`? Those that do not stand in there are at fault.",
        ),
        points=2,
    ),
)
