"""Chapter 4, SRCU."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kvmlab import threading
from kvmlab.controlled import Fiber
from kvmlab.practice.bench import Bench, Finding
from kvmlab.practice.ending import Unmet
from kvmlab.practice.judges import choice, names, reaches
from kvmlab.practice.task import Task, answer, class_, function
from kvmlab.practice.worlds import Daemon, Firewall, logs, packet, reads, saves
from kvmlab.primitives import SRCU, PercpuRwsem, ReaderPreferringRwsem, Shared
from kvmlab.scenario import Scenario
from kvmlab.stepper import State

Body = Callable[[Any], object]

READY_MADE = (SRCU, PercpuRwsem, ReaderPreferringRwsem)
"""What ``04.srcu`` is not to be made of."""


def daemon() -> Scenario:
    """Settings are saved while others read them."""
    return Scenario(Daemon, saves, reads, logs)


def both_wait(state: State) -> str | None:
    """A synchronizer and a reader wait, and not for each other."""
    if state.kind == "dead":
        return "That is the deadlock: `saves` waits for `logs`, and `logs` waits for `saves`."
    saver, logger = state.tasks["saves"], state.tasks["logs"]
    if not saver.startswith("waits for srcu"):
        return f"`saves` does not wait for readers here; {saver}."
    if not logger.startswith("waits for lock"):
        return f"`saves` waits for readers. `logs` does not wait for the lock; {logger}."
    if state.deadlocked and state.tasks["reads"].startswith("next: srcu_read_lock"):
        return "Both wait, and for each other: `logs` is the only reader that `saves` can wait for here."
    if state.deadlocked:
        return "Both wait, and `saves` waits for `logs`, too: every schedule from here ends in the deadlock."
    return None


class Page:
    """A version of some data."""

    def __init__(self) -> None:
        self.freed = Shared(False)

    def use(self) -> None:
        """Look at it; an error if it is gone."""
        if self.freed.load():
            raise Unmet("freed", "A reader is still inside, and what it looks at has been freed.")

    def free(self) -> None:
        """Give it back."""
        self.freed.store(True)


class Versions:
    """Pages and maps, each in three versions, and an SRCU that somebody has built."""

    def __init__(self, kind: type) -> None:
        self.srcu = kind()
        self.pages = [Page(), Page(), Page()]
        self.page = Shared(0)
        self.maps = [Page(), Page(), Page()]
        self.map = Shared(0)
        self.inside = threading.Event()
        self.calls = threading.Event()
        self.visited = threading.Event()
        self.through = threading.Event()


def reads_page(w: Versions) -> None:
    """Enters, looks and leaves."""
    token = w.srcu.read_lock()
    w.pages[w.page.load()].use()
    w.srcu.read_unlock(token)


def reads_both(w: Versions) -> None:
    """Finds a page and a map, and then looks at them."""
    token = w.srcu.read_lock()
    page, map_ = w.pages[w.page.load()], w.maps[w.map.load()]
    map_.use()
    page.use()
    w.srcu.read_unlock(token)


def enters_twice(w: Versions) -> None:
    """Has a section inside a section."""
    outer = w.srcu.read_lock()
    page = w.pages[w.page.load()]
    inner = w.srcu.read_lock()
    w.srcu.read_unlock(inner)
    page.use()
    w.srcu.read_unlock(outer)


def leaves_inner(w: Versions) -> None:
    """The same, and the change begins when the inner section has ended."""
    outer = w.srcu.read_lock()
    inner = w.srcu.read_lock()
    w.srcu.read_unlock(inner)
    page = w.pages[w.page.load()]
    w.inside.set()
    page.use()
    w.srcu.read_unlock(outer)


def hands_over(w: Versions) -> None:
    """Enters a second time, and leaves the first section first."""
    one = w.srcu.read_lock()
    other = w.srcu.read_lock()
    page = w.pages[w.page.load()]
    w.srcu.read_unlock(one)
    page.use()
    w.srcu.read_unlock(other)


def changes_page(w: Versions) -> None:
    """Publishes, waits, and frees."""
    old = w.page.load()
    w.page.store(old + 1)
    w.srcu.synchronize()
    w.pages[old].free()


def changes_map(w: Versions) -> None:
    """The same with the map."""
    old = w.map.load()
    w.map.store(old + 1)
    w.srcu.synchronize()
    w.maps[old].free()


def changes_twice(w: Versions) -> None:
    """One change after the other, and says so in between."""
    changes_page(w)
    w.calls.set()
    changes_page(w)


def reads_later(w: Versions) -> None:
    """A reader that comes when one change is over."""
    w.calls.wait()
    reads_page(w)


def stays(w: Versions) -> None:
    """Is inside until somebody else is."""
    token = w.srcu.read_lock()
    page = w.pages[w.page.load()]
    w.inside.set()
    w.visited.wait()
    page.use()
    w.srcu.read_unlock(token)


def changes_then(w: Versions) -> None:
    """Changes the page when somebody is inside."""
    w.inside.wait()
    changes_page(w)


def changes_meanwhile(w: Versions) -> None:
    """The same, and says so before and after."""
    w.inside.wait()
    w.calls.set()
    changes_page(w)
    w.through.set()


def comes_late(w: Versions) -> None:
    """Enters when the change has begun, and leaves when it is over."""
    w.calls.wait()
    token = w.srcu.read_lock()
    page = w.pages[w.page.load()]
    w.visited.set()
    w.through.wait()
    page.use()
    w.srcu.read_unlock(token)


class Used:
    """What kinds of primitive the tasks operate on."""

    def __init__(self) -> None:
        self.kinds: set[type] = set()

    def asks(self, fiber: Fiber) -> None:
        """One more kind, perhaps."""
        self.kinds.add(type(fiber.resource))

    def got(self, fiber: Fiber, result: Any) -> None:
        """Nothing to note."""


def own_srcu(bench: Bench, kind: type) -> None:
    """Readers never wait, no grace period is too short, and none waits for readers who came later."""

    def versions(*tasks: Body) -> Callable[[], Scenario]:
        return lambda: Scenario(partial(Versions, kind), *tasks, name="Versions")

    used = Used()
    bench.look("a reader, and nobody else", versions(reads_page), watch=used)
    bench.expect(
        used.kinds.isdisjoint(READY_MADE), "ready made", "Inside there is a ready-made one. Make it of `Condition`."
    )
    bench.stop()
    bench.prove("one reader, one change", versions(reads_page, changes_page))
    bench.stop()
    bench.prove("a reader who comes between two changes", versions(reads_later, changes_twice))
    bench.prove("one reader, two changes one after the other", versions(reads_page, changes_twice))
    bench.prove("one reader, two changes at the same time", versions(reads_both, changes_page, changes_map))
    bench.prove("a section inside a section, and a change", versions(enters_twice, changes_page))
    bench.prove("a section inside a section that has ended, and a change", versions(leaves_inner, changes_then))
    bench.prove("two sections that overlap, and a change", versions(hands_over, changes_page))
    _late(bench, versions(stays, changes_meanwhile, comes_late))


def _late(bench: Bench, scenario: Callable[[], Scenario]) -> None:
    """Somebody comes after the change has begun, and stays until it is over: in some schedule it must come to an end.

    In others it need not. Who comes after the call and before the grace period has begun is waited for, rightly.
    """
    case = "a reader who comes after the change has begun, and stays"
    found = bench.look(case, scenario)
    if found is None:
        return
    for one in found.failures:
        kind, code = ("unmet", one.error.code) if isinstance(one.error, Unmet) else (one.kind, type(one.error).__name__)
        sentence = f"{one.error}" if isinstance(one.error, Unmet) else one.message
        bench.findings.append(Finding(kind, sentence, (kind, case, code), case, found, one, scenario()))
    bench.stop()
    if found.unfinished:
        sentence = "The search did not come to an end, so nothing is proven. Your class does more than this task needs."
        bench.findings.append(Finding("not finished", sentence, ("not finished", case), case))
    count = found.schedules if found.classes is None else found.classes
    if found.deadlocks and found.deadlocked == count:
        sentence = (
            "`synchronize` never gets through while a reader is inside who came later, however much later. With "
            "enough readers it never gets through at all."
        )
        shape = ("wrong", "waits for later readers")
        bench.findings.append(Finding("wrong", sentence, shape, case, found, found.deadlocks[0], scenario()))


class Crowded(Firewall):
    """A firewall with a packet in it."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = threading.Event()


def packet_inside(w: Crowded) -> None:
    """A packet that has found its rules before anything changes."""
    with w.srcu.read():
        rules = w.active.load()
        w.inside.set()
        with w.lock:
            pass
        w.use(rules)


def colleague(w: Firewall) -> None:
    """Adds a rule as it should be."""
    with w.lock:
        old = w.active.load()
        w.active.store((*old, "no bots"))
    w.srcu.synchronize()
    w.free(old)


def rules_kept(w: Firewall, rules: tuple[str, ...]) -> None:
    """The rules are in force, and every version but the last has been freed, once."""
    active = w.active.load()
    for rule in ("no spam", *rules):
        if rule not in active:
            raise Unmet(f"lost {rule}", f"A rule was lost: at the end `{rule}` is not in force.")
    if len(active) != len(rules) + 1:
        raise Unmet("too many", f"At the end {len(active)} rules are in force, and there should be {len(rules) + 1}.")
    freed = w.all_freed()
    if active in freed:
        raise Unmet("freed", "At the end the version that is in force has been freed.")
    if len(set(freed)) != len(freed):
        raise Unmet("twice", "A version was freed twice.")
    if len(freed) != len(rules):
        raise Unmet("leak", f"{len(rules) - len(freed)} of the old versions were never freed.")


def add_rule(bench: Bench, add_rule: Callable[[Firewall, str], object]) -> None:
    """Rules are added while packets come: none is lost, none is used after it was freed, and nobody hangs."""

    def firewall(*tasks: Body) -> Callable[[], Scenario]:
        return lambda: Scenario(Firewall, *tasks, name="Firewall")

    def adds(rule: str) -> Body:
        def adder(w: Firewall) -> None:
            add_rule(w, rule)

        adder.__name__ = f"adds_{rule.replace(' ', '_')}"
        return adder

    def adds_then(w: Crowded) -> None:
        w.inside.wait()
        add_rule(w, "no ads")

    with_one = partial(rules_kept, rules=("no ads",))
    with_both = partial(rules_kept, rules=("no ads", "no bots"))
    bench.prove("one rule, and nobody else", firewall(adds("no ads")), ends=with_one)
    bench.stop()
    bench.prove(
        "one rule, and a packet that is inside before", lambda: Scenario(Crowded, adds_then, packet_inside),
        ends=with_one,
    )  # fmt: skip
    bench.prove("one rule, and a packet", firewall(adds("no ads"), packet), ends=with_one)
    bench.prove(
        "one rule, and a colleague adds another", firewall(adds("no ads"), colleague),
        ends=with_both,
    )  # fmt: skip
    bench.stop()
    bench.prove(
        "two rules at the same time, and a packet", firewall(adds("no ads"), adds("no bots"), packet),
        ends=with_both,
    )  # fmt: skip


TASKS = (
    Task(
        "04.leave",
        "Who has to leave?",
        "predict",
        ("M4", "M9"),
        (answer("returns_after"), answer("because")),
        choice(("a", "b", "c", "d"), "b", reasons=("1", "2", "3", "4"), because="2"),
        "The grace period waits for the section that was open when it began, and that is `A`'s outer one. The inner "
        "one and `B`'s came later. They count on the other side.",
        (
            "Which sections were open when `synchronize` began? Count sections, not tasks.",
            "Whoever enters after the flip counts on the other side, also a task that is inside already.",
            "One section was open at step 2. At which step does it end?",
        ),
    ),
    Task(
        "04.both",
        "Two wait, and all is well",
        "step",
        ("M9",),
        (answer("stepper"),),
        reaches(daemon, both_wait),
        "`saves` waits for `reads`, and `logs` waits for `saves`. `logs` is inside, but it came after the flip, so "
        "nobody waits for it. One task is free to move, and that is enough.",
        (
            "`saves` is to wait for readers. So there must be one inside, and it must not be `logs`.",
            "`logs` may be inside, if it enters when the grace period has begun.",
            "First `saves` takes the lock and `reads` enters, in either order. Then let `saves` begin to wait. And "
            "only then `logs`.",
        ),
    ),
    Task(
        "04.detour",
        "Locks that a reader must not take",
        "find",
        ("M9", "M5"),
        (answer("forbidden"),),
        names(
            {"config_lock", "log_lock", "disk_lock"},
            what="lock that a reader must keep away from",
            among=("config_lock", "disk_lock", "log_lock", "net_lock", "stats_lock"),
        ),
        "`config_lock` is held around the wait for readers. `log_lock` is held while somebody waits for `config_lock`. "
        "`disk_lock` is held while somebody waits for an event that comes only after `log_lock` was taken. The owners "
        "of the two others wait for nobody who waits for a reader.",
        (
            "Begin with the lock that is held around `synchronize`. Who waits for that one, and what do they hold?",
            "Go on from lock to lock. What a task does after it has given a lock back does not count.",
            "An event is a detour, too: whoever waits for `written` waits for `writer`, and for all that `writer` "
            "waits for.",
        ),
        points=2,
    ),
    Task(
        "04.srcu",
        "An SRCU of your own",
        "build",
        ("M4",),
        (class_("OwnSRCU"),),
        own_srcu,
        "Readers are in and out at once. `synchronize` waits for everybody who was inside when it began, however "
        "many synchronize at the same time, and for nobody who came later.",
        (
            "What must a reader leave behind when it enters, so that somebody can tell later whether it came before?",
            "Count readers on two sides: new ones on the current side. To wait, turn to the other side, and wait until "
            "the side that you have left is empty. Each of the two must be done in one step.",
            "`read_lock`: under the condition, one more on the current side, and return that side. `read_unlock`: one "
            "less, and `notify_all`. `synchronize`: under a lock of its own, so that there is one at a time: flip, "
            "and while the old side is not empty, `wait`.",
        ),
        points=4,
    ),
    Task(
        "04.rules",
        "A firewall that hangs",
        "fix",
        ("M1", "M9"),
        (function("add_rule", "w", "rule"),),
        add_rule,
        "The old version is read and the new one published under the lock, so no rule is lost. The wait comes after "
        "it, so a packet that needs the lock gets it. And nothing is freed before the wait.",
        (
            "Which steps must not be mixed with those of somebody else who adds a rule? Which step waits for packets?",
            "Whoever has published a new version is the only one who knows the old one. It needs no lock to wait for "
            "the readers of that one, nor to free it.",
            "Under the lock: load the old version, store the new one. Release the lock. `synchronize`, then `free`.",
        ),
        points=3,
    ),
)
