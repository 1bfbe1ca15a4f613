"""The lint of the rule: what is a breach, of what kind, in whatever schedule it happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kvmlab import SRCU, Completion, Mutex, PercpuRwsem, Scenario, Shared, SpinLock, explore, threading
from kvmlab.controlled import observed
from kvmlab.practice.bench import Bench
from kvmlab.practice.rule import RuleWatch


class World:
    def __init__(self) -> None:
        self.kvm_lock = Mutex()
        self.other = Mutex()
        self.spin = SpinLock()
        self.srcu = SRCU()
        self.cpus = PercpuRwsem()
        self.done = Completion()
        self.event = threading.Event()
        self.lock = threading.Lock()
        self.flag = Shared(False)


def reads_cpus(w: World) -> None:
    with w.cpus.read():
        pass


UNDER: dict[str, tuple[Callable[[Any], object], set[str]]] = {
    "another mutex": (lambda w: w.other.lock() or w.other.unlock(), {"rule"}),
    "a lock of threading": (lambda w: w.lock.acquire() and w.lock.release(), {"rule"}),
    "a grace period": (lambda w: w.srcu.synchronize(), {"reason"}),
    "the hotplug lock": (reads_cpus, {"reason"}),
    "a completion": (lambda w: w.done.complete() or w.done.wait(), {"reason"}),
    "an event": (lambda w: w.event.set() or w.event.wait(), set()),  # set already: it never waits
    "an event that is not set": (lambda w: w.event.wait(), {"reason"}),
    "a spinlock": (lambda w: w.spin.lock() or w.spin.unlock(), set()),
    "a trylock": (lambda w: w.other.trylock() and w.other.unlock(), set()),
    "a reader of srcu": (lambda w: w.srcu.read_unlock(w.srcu.read_lock()), set()),
    "plain work": (lambda w: w.flag.store(True), set()),
}


def breaches(*tasks: Callable[[Any], object]) -> RuleWatch:
    watch = RuleWatch()
    with observed(watch):
        explore(Scenario(World, *tasks))
    return watch


@pytest.mark.parametrize("case", UNDER)
def test_under_kvm_lock(case: str) -> None:
    body, kinds = UNDER[case]

    def task(w: World) -> None:
        with w.kvm_lock:
            body(w)

    assert {one.kind for one in breaches(task).breaches.values()} == kinds


@pytest.mark.parametrize("case", UNDER)
def test_the_same_outside_of_it_is_no_breach(case: str) -> None:
    body, _ = UNDER[case]

    def task(w: World) -> None:
        w.kvm_lock.lock()
        w.kvm_lock.unlock()
        body(w)

    assert not breaches(task).breaches


def test_a_breach_in_few_schedules_is_found() -> None:
    def rarely(w: World) -> None:
        with w.kvm_lock:
            if w.flag.load():
                w.other.lock()
                w.other.unlock()

    def sets(w: World) -> None:
        w.flag.store(True)

    assert not breaches(rarely).breaches
    (breach,) = breaches(rarely, sets).breaches.values()
    assert (breach.task, breach.resource, breach.location.text) == ("rarely", "other", "w.other.lock()")


def test_a_trylock_of_kvm_lock_counts_only_when_it_worked() -> None:
    def tries(w: World) -> None:
        if not w.kvm_lock.trylock():
            w.other.lock()
            w.other.unlock()
        else:
            w.kvm_lock.unlock()

    def holds(w: World) -> None:
        with w.kvm_lock:
            pass

    assert not breaches(tries, holds).breaches


def test_both_searches_see_the_same_breaches() -> None:
    def nested(w: World) -> None:
        with w.kvm_lock, w.other:
            pass

    def other(w: World) -> None:
        with w.other:
            pass

    found = []
    for by in ("states", "traces"):
        watch = RuleWatch()
        with observed(watch):
            explore(Scenario(World, nested, other), by=by)
        found.append({(one.kind, one.task, one.resource, one.way) for one in watch.breaches.values()})
    assert found[0] == found[1] == {("rule", "nested", "other", ("nested",))}


def test_rule_and_reason_are_said_apart() -> None:
    def waits(w: World) -> None:
        with w.kvm_lock:
            w.srcu.synchronize()

    def takes(w: World) -> None:
        with w.kvm_lock, w.other:
            pass

    bench = Bench()
    bench.prove("alone", Scenario(World, takes), rule="kvm_lock")
    bench.prove("alone, too", Scenario(World, waits), rule="kvm_lock")
    first, second, *_ = bench.findings
    assert first.sentence.endswith("That breaks the rule: inside `kvm_lock` take no other mutex.")
    assert "the letter of the rule is kept. Its reason is not" in second.sentence
    assert first.lines[0].endswith("with w.kvm_lock, w.other:")


def test_observing_ends_with_the_block() -> None:
    from kvmlab.controlled import Controlled

    with pytest.raises(ValueError, match="mine"), observed(RuleWatch()):
        raise ValueError("mine")
    assert Controlled.observer is None
