"""Chapter 8, what lockdep cannot see."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

from kvmlab import threading
from kvmlab.lockdep import History, LockClass, LockdepMap
from kvmlab.practice.bench import Bench, Finding
from kvmlab.practice.judges import choice, in_an_order, names
from kvmlab.practice.listen import heard, says
from kvmlab.practice.task import Task, answer, class_, function
from kvmlab.primitives import SRCU, Mutex
from kvmlab.scenario import Scenario

Body = Callable[[Any], object]


class Kitchen:
    """Four mutexes, and an SRCU domain that is innocent."""

    def __init__(self) -> None:
        self.tea = Mutex()
        self.cup = Mutex()
        self.milk = Mutex()
        self.pot = Mutex()
        self.srcu = SRCU()


def looks_at_tea(w: Kitchen) -> None:
    """A reader inside tea."""
    with w.tea, w.srcu.read():
        pass


def looks_for_milk(w: Kitchen) -> None:
    """Milk inside a reader."""
    with w.srcu.read(), w.milk:
        pass


def pours(w: Kitchen) -> None:
    """Tea, then cup."""
    with w.tea, w.cup:
        pass


def whitens(w: Kitchen) -> None:
    """Cup, then milk."""
    with w.cup, w.milk:
        pass


def warms(w: Kitchen) -> None:
    """Milk, then pot."""
    with w.milk, w.pot:
        pass


def brews(w: Kitchen) -> None:
    """Pot, then tea: the circle is closed."""
    with w.pot, w.tea:
        pass


KITCHEN = (pours, whitens, warms, brews, looks_at_tea, looks_for_milk)


def unheard(bench: Bench, given: Any) -> None:
    """Run in this order, the circle is not reported by the rules of 6.12."""
    listed = in_an_order(bench, given, KITCHEN)
    said = heard(bench, "the six, one after another", lambda: Scenario(Kitchen, *KITCHEN), "6.12", listed)
    if said is None or said.verdict == "silent":
        bench.checked.append("your order, by the rules of Linux 6.12, with a lockdep fresh from boot")
        return
    weak = ("looks_at_tea", "looks_for_milk")
    met = [name for name in weak if listed.index(name) < listed.index(str(said.reporter))]
    if len(met) < 2:
        code, why = "a weak arrow too late", f"`{next(name for name in weak if name not in met)}` had not run yet"
    elif said.reporter in ("pours", "whitens"):
        code, why = "the strong way is the last", "the way over `cup` was still open, so the search did not come to it"
    else:
        code, why = "the strong way first", "the search came to `milk` by the way over `cup` first"
    sentence = f"In this order lockdep reports while `{said.reporter}` runs: {why}."
    bench.expect(False, code, sentence)


def false_alarm(bench: Bench, world: Callable[[], Any], one: Body, two: Body) -> None:
    """Two tasks that never hang, whoever comes twice, and are reported."""
    two_tasks = "the two tasks"
    _never_hangs(bench, two_tasks, lambda: Scenario(world, one, two))
    _never_hangs(bench, "each of the two tasks twice", lambda: Scenario(world, one, two, one, two))
    said = heard(bench, two_tasks, lambda: Scenario(world, one, two), "6.12")
    if said is None:
        return
    if said.verdict != "reported":
        tries = any("try" in step.operation for step in said.schedule)
        both_ways = any(edge.outer in after(said, edge.inner) for edge in said.graph)
        code = "a try" if tries else "both ways" if both_ways else "one way"
        bench.expect(False, f"silent, {code}", "They never hang, and lockdep is silent: no alarm at all.")
        return
    kind = said.report.kind if said.report else ""
    circle = f"Lockdep reports {kind}. Make it report an order of locks: a circle, or a class under itself."
    bench.expect(said.cycle, f"other {kind}", circle)
    bench.checked.append("the two tasks, with a lockdep listening: reported")


def after(said: History, cls: LockClass) -> set[LockClass]:
    """The classes that were asked for under `cls`."""
    return {edge.inner for edge in said.graph.after(cls)}


def _never_hangs(bench: Bench, case: str, scenario: Callable[[], Scenario]) -> None:
    """As `Bench.prove`, with a shape that has no names of locks: here the reader has chosen them."""
    found = bench.look(case, scenario)
    bench.stop()
    if found is not None and found.deadlocks:
        counts = sorted({len(one.waits) for one in found.deadlocks})
        sentence = f"Deadlock: {len(found.deadlocks[0].waits)} tasks wait, and nobody is left to end it."
        shape = ("deadlock", case, *counts)
        bench.findings.append(Finding("deadlock", sentence, shape, case, found, found.deadlocks[0], scenario()))
    elif found is None or found.failures or found.unfinished:
        bench.prove(case, scenario)
    bench.stop()


class Service:
    """A lock, a log, and a flush that somebody waits for."""

    def __init__(self) -> None:
        self.lock = Mutex()
        self.log = Mutex()
        self.flushed = threading.Event()
        self.flush = LockdepMap("pseudo")


def rotate(w: Service) -> None:
    """The log, then the lock."""
    with w.log, w.lock:
        pass


def told(bench: Bench, stop: Body, flusher: Body) -> None:
    """Lockdep hears of the wait for the flush: always if it can hang, never if it cannot."""

    def service(*tasks: Body) -> Callable[[], Scenario]:
        return lambda: Scenario(Service, *tasks, name="Service")

    def in_every_order(case: str, verdict: str, sentence: str, *tasks: Body) -> None:
        orders = list(permutations(service(*tasks)().task_names))
        quiet = len(bench.checked)
        if all(says(bench, case, service(*tasks), verdict, sentence, "6.12", order) for order in orders):
            del bench.checked[quiet:]
            bench.checked.append(f"{case}: {verdict}, {len(orders)} orders")

    bench.prove("`stop` and `flusher` alone", service(stop, flusher))
    bench.stop()
    three = "the two and `rotate`, every schedule"
    found = bench.look(three, service(stop, flusher, rotate))
    if found is None:
        return
    if not found.deadlocks:
        sentence = "The three do not hang any more. Do not mend the program here: make lockdep see what is wrong."
        bench.findings.append(Finding("wrong", sentence, ("wrong", "mended"), three))
        bench.stop()
    alone = heard(bench, "one after another", service(flusher, rotate, stop), "6.12")
    bench.stop()
    if alone is not None and alone.verdict == "silent":
        edges = {(str(edge.outer), str(edge.inner)) for edge in alone.graph}
        wanted = (("lock", "flush"), ("flush", "log"))
        lacking = [f"from `{outer}` to `{inner}`" for outer, inner in wanted if (outer, inner) not in edges]
        sentence = f"The three can hang, and lockdep is silent: it has no arrow {' and none '.join(lacking)}."
        bench.findings.append(Finding("wrong", sentence, ("wrong", "arrows", *lacking), "one after another"))
        bench.stop()
    in_every_order(
        "`stop` and `flusher` in every order", "silent", "Without `rotate` nothing can hang, and lockdep complains.",
        stop, flusher,
    )  # fmt: skip
    in_every_order(
        "the two and `rotate` in every order", "reported", "The three can hang, and lockdep is silent.",
        stop, flusher, rotate,
    )  # fmt: skip
    says(
        bench, "the moment of the deadlock itself", service(stop, flusher, rotate), "reported",
        "The three hang, and lockdep has not heard who waits for what.", "6.12", found.deadlocks[0].schedule,
    )  # fmt: skip


TASKS = (
    Task(
        "08.join",
        "Join under a lock",
        "predict",
        ("M9", "M3"),
        (answer("verdicts"), answer("because")),
        choice(("a", "b", "c", "d"), "b", reasons=("1", "2", "3", "4"), because="2"),
        "`close` waits for the worker, and the worker for the lock: one lock and one wait make a circle. Lockdep hears "
        "of the lock. Of a `join` nobody tells it.",
        (
            "Let `close` have the lock before the worker does. Who waits for whom?",
            "Which operations of these two is lockdep told of? Look for those that are no locks.",
            "Out of sight is what nobody told it; a blind spot is what it was told and does not see.",
        ),
    ),
    Task(
        "08.quiet",
        "An order that is not heard",
        "order",
        ("M2", "M8"),
        (answer("order"),),
        unheard,
        "By the time that the last arrow of the circle comes, two ways lead from `tea` to `milk`, and the weak one is "
        "found first. `milk` is marked then, and the strong way arrives at a closed door. Nothing about the circle has "
        "changed; only what was met first.",
        (
            "The search begins at the lock that is asked for last. From which lock do two ways of the same length set "
            "out, and which of them is the weak one?",
            "Arrows that leave one lock are followed in the order in which they were made. So `looks_at_tea` must come "
            "before `pours`.",
            "Both ways must be there, and the circle must be closed behind `milk`: by `warms` or by `brews`, at the "
            "very end.",
        ),
        points=2,
    ),
    Task(
        "08.alarm",
        "Cry wolf",
        "build",
        ("M8", "M6"),
        (class_("World"), function("one"), function("two")),
        false_alarm,
        "They cannot hang, and lockdep reports an order of locks that is real. What keeps them from hanging is "
        "something that it does not take into account.",
        (
            "Begin with two tasks that can hang. Then add something that prevents it, and that lockdep does not "
            "understand.",
            "The chapter has four such things. One of them does not survive that a task comes twice.",
            "A third lock around both, taken first by both tasks, is the simplest: a gate.",
        ),
        points=2,
    ),
    Task(
        "08.flush",
        "Tell it of the flush",
        "fix",
        ("M9", "M8"),
        (function("stop"), function("flusher")),
        told,
        "Whoever waits for the flush asks for the pseudo-lock, before the wait. Whoever flushes holds it, from the "
        "first thing that the flush needs to the moment when it is done, and no longer.",
        (
            "Two arrows are missing: from `lock` to the flush, and from the flush to `log`.",
            "`stop` asks for the pseudo-lock before it waits, and gives it back at once. `flusher` holds it while it "
            "works.",
            "In `flusher`: `acquire` first, then the log, then `release`. What comes after `set` is not waited for by "
            "anybody, so the pseudo-lock must be given back before it.",
        ),
        points=3,
    ),
    Task(
        "08.review",
        "Silent, so it is all right?",
        "review",
        ("M8", "M9", "M11"),
        (answer("unheard_lines"),),
        names({7, 9, 14}, what="line that may wait unheard", among=range(1, 16)),
        "Line 7 stands behind an SRCU reader, the first blind spot. Line 9 waits for an event, of which nobody tells. "
        "And the put of line 14 takes `kvm_lock` itself if it is the last one, which it was not in this run.",
        (
            "Go through the lines and ask: may it wait? Then: was lockdep told, and of what?",
            "Three lines: one in a blind spot, one out of sight, and one of which the worse half has not run.",
            "A request inside an SRCU reader makes an arrow from `srcu` only. `wait` of a completion is not told. A "
            "put may be the last.",
        ),
        points=2,
    ),
)
