"""`Condition`."""

from __future__ import annotations

import threading as real
from typing import Any

import pytest

from kvmlab import Scenario, Shared, explore, run, threading
from kvmlab.verdict import Exploration
from tests.threading.calls import check


@pytest.mark.parametrize("made", ["Condition()", "Condition(threading.Lock())", "Condition(threading.RLock())"])
@pytest.mark.parametrize(
    "does",
    [
        "it.acquire()",
        "it.acquire(False)",
        "it.acquire(timeout=1)",
        "(it.acquire(), it.acquire(False))",
        "(it.acquire(), it.release(), it.acquire(False))",
        "it.__enter__()",
        "(it.acquire(), it.notify(), it.notify_all(), it.notify(n=2), it.release())",
        "(it.acquire(), it.notifyAll(), it.release())",
        "(it.acquire(), it.notify(0), it.notify(-1), it.notify(1.5))",
        "(it.acquire(), it.wait(0), it.wait(-1), it.wait(0), it.release())",
        "(it.acquire(), it.wait_for(lambda: 3), it.wait_for(lambda: [1], 5), it.wait_for(lambda: 'x', timeout=0))",
        "(it.acquire(), it.wait_for(lambda: 0, 0), it.wait_for(lambda: [], -1))",
        "it.wait_for(lambda: 5)",
    ],
)
def test_a_call_gives_what_the_standard_library_gives(made: str, does: str) -> None:
    check(made, does)


@pytest.mark.parametrize("made", ["Condition()", "Condition(threading.Lock())", "Condition(threading.RLock())"])
@pytest.mark.parametrize(
    "does",
    [
        "it.wait()",
        "it.wait(1)",
        "it.wait(0)",
        "it.wait_for(lambda: 0)",
        "it.wait_for(lambda: 0, timeout=1)",
        "it.notify()",
        "it.notify(2)",
        "it.notify_all()",
        "it.release()",
        "it.__exit__(None, None, None)",
        "(it.acquire(), it.wait('x'))",
        "(it.acquire(), it.wait(1e20))",
    ],
)
def test_a_wrong_call_raises_what_the_standard_library_raises(made: str, does: str) -> None:
    check(made, does)


def test_in_a_world_it_needs_a_lock_that_can_be_explored() -> None:
    def makes(w: Any) -> None:
        threading.Condition(real.Lock())  # type: ignore[arg-type]

    (failure,) = explore(Scenario(object, makes), "traces").failures
    assert failure.message.startswith(
        "makes raised ScenarioError: a Condition in a world takes a Lock or RLock of kvmlab.threading, not <"
    )


class World:
    def __init__(self) -> None:
        self.cond = threading.Condition(threading.Lock())
        self.again = threading.Condition()
        self.order = Shared(())
        self.woken = Shared(())
        self.ready = False


def waits(w: World, name: str = "a", timeout: float | None = None) -> None:
    """Wait, and keep who came when and who went on when."""
    with w.cond:
        w.order.store((*w.order.load(), name))
        in_time = w.cond.wait(timeout)
        w.woken.store((*w.woken.load(), name if in_time else f"{name} late"))


def waits_too(w: World) -> None:
    waits(w, "b")


def waits_a_while(w: World) -> None:
    waits(w, "t", 1)


def notifies(w: World) -> None:
    with w.cond:
        w.cond.notify()


def notifies_all(w: World) -> None:
    with w.cond:
        w.cond.notify_all()


def seen(*tasks: Any, **options: Any) -> tuple[Exploration, set[tuple[tuple[str, ...], tuple[str, ...]]]]:
    """The exploration, with what had happened in every schedule when a task that looks got the lock: who came, who
    went on."""
    found: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()

    def looks(w: World) -> None:
        with w.cond:
            found.add((w.order.load(), w.woken.load()))

    return explore(Scenario(World, *tasks, looks), "traces", **options), found


def test_who_comes_after_the_notify_waits_for_ever() -> None:
    (deadlock,) = explore(Scenario(World, waits, notifies)).deadlocks
    assert deadlock.replay == "2-2-2-1x4"
    assert deadlock.reasons == {"waits": "nobody has notified it"}


def test_nobody_wakes_without_a_notify() -> None:
    assert explore(Scenario(World, waits)).verdict == "deadlock"


def test_notify_wakes_who_has_waited_longest() -> None:
    _, found = seen(waits, waits_too, notifies)
    assert {woken for order, woken in found if order == ("a", "b")} == {(), ("a",)}
    assert {woken for order, woken in found if order == ("b", "a")} == {(), ("b",)}


def test_notify_wakes_anybody_when_asked_to() -> None:
    found, states = seen(waits, waits_too, notifies, notify_order="any")
    assert {woken for order, woken in states if order == ("a", "b")} == {(), ("a",), ("b",)}
    assert "notify wakes any waiter, and nobody wakes without it" in found.assumes


def test_notify_all_wakes_everybody_in_any_order() -> None:
    found, states = seen(waits, waits_too, notifies_all)
    assert {woken for order, woken in states if order == ("a", "b")} == {(), ("a",), ("b",), ("a", "b"), ("b", "a")}
    assert "notify wakes the longest waiter, and nobody wakes without it" in found.assumes


def test_any_finds_what_first_come_first_served_hides() -> None:
    """Two waiters in the order of their turns are served in that order; anybody might have been woken."""

    class Queued:
        def __init__(self) -> None:
            self.cond = threading.Condition()
            self.turn = Shared("first")
            self.came = Shared(0)

    def second(w: Queued) -> None:
        with w.cond:
            w.came.store(1)
            while w.turn.load() != "second":
                w.cond.wait()
            w.turn.store("third")
            w.cond.notify()

    def third(w: Queued) -> None:
        with w.cond:
            if w.came.load() == 0:
                return
            while w.turn.load() != "third":
                w.cond.wait()

    def first(w: Queued) -> None:
        with w.cond:
            w.turn.store("second")
            w.cond.notify()

    in_order = explore(Scenario(Queued, first, second, third))
    assert in_order.verdict == "proven"
    anyhow = explore(Scenario(Queued, first, second, third), notify_order="any")
    assert anyhow.verdict == "deadlock"
    assert "nobody has notified it" in str(anyhow)


def test_a_grant_is_gone_when_everybody_was_woken() -> None:
    """Whoever waits again after that has been notified by nobody."""

    def waits_twice(w: World) -> None:
        with w.cond:
            w.order.store((*w.order.load(), "w"))
            w.cond.wait()
            w.cond.wait()
            w.woken.store(("spurious",))

    def wakes_both_ways(w: World) -> None:
        with w.cond:
            if w.order.load() == ("w", "w"):
                w.cond.notify()
                w.cond.notify_all()

    _, states = seen(waits_twice, waits_twice, wakes_both_ways, notify_order="any")
    assert {woken for _, woken in states} == {()}


class Queue:
    """t, then b wait; who notifies does so once, when both have come."""

    def __init__(self) -> None:
        self.cond = threading.Condition(threading.Lock())
        self.came = Shared(())


def t_waits_a_while(w: Queue) -> None:
    with w.cond:
        if w.came.load() == ():
            w.came.store(("t",))
            if w.cond.wait(1):
                w.cond.notify()  # pass it on


def b_waits(w: Queue) -> None:
    with w.cond:
        if w.came.load() == ("t",):
            w.came.store(("t", "b"))
            w.cond.wait()


def notifies_both(w: Queue) -> None:
    with w.cond:
        if w.came.load() == ("t", "b"):
            w.cond.notify()
        else:
            w.came.store("closed")


def test_who_is_late_stays_in_the_queue_and_can_swallow_a_notify() -> None:
    """As in CPython. b was the only one left to wake, and waits for ever."""
    found = explore(Scenario(Queue, t_waits_a_while, b_waits, notifies_both))
    (deadlock,) = found.deadlocks
    assert [wait.task for wait in deadlock.waits] == ["b_waits"]
    steps = [(step.task, step.operation) for step in deadlock.schedule]
    late = steps.index(("t_waits_a_while", "wake (timeout)"))
    assert late < steps.index(("notifies_both", "notify")) < steps.index(("t_waits_a_while", "reacquire"))
    assert explore(Scenario(Queue, t_waits_a_while, b_waits, notifies_both), max_timeouts=0).verdict == "proven"


def test_it_may_and_need_not_when_anybody_may_be_woken() -> None:
    """t is late and owns the lock before b does: the notify may have been meant for b all the same."""
    _, states = seen(waits_a_while, waits_too, notifies, notify_order="any")
    assert {woken for order, woken in states if order == ("t", "b")} == {
        (), ("t",), ("b",), ("t late",), ("b", "t late"), ("t late", "b"),
    }  # fmt: skip
    found = explore(Scenario(Queue, t_waits_a_while, b_waits, notifies_both), notify_order="any")
    steps = [(step.task, step.operation) for step in found.deadlocks[0].schedule]
    assert steps.index(("notifies_both", "notify")) < steps.index(("t_waits_a_while", "reacquire"))


def test_who_is_late_may_own_the_lock_before_whoever_was_woken_in_its_stead() -> None:
    """With `any`, t late, notified b, t first: one schedule that a wake-up in one step would not have."""
    between: set[bool] = set()

    def notifies_who_is_not_late(w: World) -> None:
        with w.cond:
            w.cond.notify()
            w.ready = w.order.load() == ("t", "b") and w.woken.load() == ()

    def looks(w: World) -> None:
        with w.cond:
            if w.ready:
                between.add(w.woken.load() == ("t late",))

    def b_says_so(w: World) -> None:
        waits(w, "b")
        with w.cond:
            if w.ready and w.woken.load() == ("t late", "b"):
                between.add(True)

    explore(Scenario(World, waits_a_while, b_says_so, notifies_who_is_not_late, looks), "traces", notify_order="any")
    assert between == {True, False}


@pytest.mark.parametrize("timeouts", [1, 2])
def test_as_many_timeouts_expire_as_was_said(timeouts: int) -> None:
    late: set[int] = set()

    def waits_thrice(w: World) -> None:
        with w.cond:
            late.add(sum(not w.cond.wait(1) for _ in range(timeouts)))
            w.cond.wait(1)
            raise AssertionError("one more than allowed")

    found = explore(Scenario(World, waits_thrice), "traces", max_timeouts=timeouts)
    assert (found.verdict, late) == ("proven", {timeouts})
    assert f"at most {timeouts} timeout{'s' * (timeouts > 1)} per task expire" in found.assumes


def test_a_wait_that_is_not_to_wait_uses_up_no_timeout() -> None:
    def polls(w: World) -> None:
        with w.cond:
            assert [w.cond.wait(0), w.cond.wait(0), w.cond.wait(-1)] == [False] * 3

    found = explore(Scenario(World, polls), max_timeouts=0)
    assert found.verdict == "proven"
    assert explore(Scenario(World, polls), max_timeouts=0, notify_order="any").verdict == "proven"


def test_a_wait_gives_a_re_entrant_lock_back_entirely() -> None:
    def nests(w: World) -> None:
        with w.again, w.again:
            while not w.order.load():
                w.again.wait()
            assert w.again.acquire(False)
            w.again.release()

    def other(w: World) -> None:
        with w.again:
            w.order.store("ready")
            w.again.notify()

    assert explore(Scenario(World, nests, other)).verdict == "proven"


def test_wait_for_looks_again_after_every_wake_up() -> None:
    def consumer(w: World) -> None:
        with w.again:
            assert w.again.wait_for(lambda: w.order.load() == "ready") is True

    def producer(w: World) -> None:
        for state in ("not yet", "ready"):
            with w.again:
                w.order.store(state)
                w.again.notify_all()

    assert explore(Scenario(World, consumer, consumer, producer)).verdict == "proven"


def test_wait_for_gives_up_when_the_time_is_up() -> None:
    results: set[bool] = set()

    def consumer(w: World) -> None:
        with w.again:
            results.add(w.again.wait_for(lambda: w.order.load() == "ready", timeout=1))

    def producer(w: World) -> None:
        with w.again:
            w.order.store("ready")
            w.again.notify_all()

    assert explore(Scenario(World, consumer, producer), "traces").verdict == "proven"
    assert results == {True, False}


def test_two_conditions_on_one_lock_have_a_queue_each() -> None:
    class TwoQueues:
        def __init__(self) -> None:
            self.lock = threading.Lock()
            self.full = threading.Condition(self.lock)
            self.empty = threading.Condition(self.lock)

    def waits_for_full(w: TwoQueues) -> None:
        with w.full:
            w.full.wait()

    def notifies_empty(w: TwoQueues) -> None:
        with w.lock:
            w.empty.notify_all()

    assert {one.cycle for one in explore(Scenario(TwoQueues, waits_for_full, notifies_empty)).deadlocks} == {()}


def test_in_a_run_a_timeout_expires_only_when_nothing_else_can_move() -> None:
    """However long the others take."""
    for _ in range(20):
        assert run(Scenario(World, waits_a_while, notifies_late)).verdict == "finished"


def notifies_late(w: World) -> None:
    while "t" not in w.order.load():
        pass
    with w.cond:
        assert w.woken.load() == ()
        w.cond.notify()
    while w.woken.load() == ():
        pass
    assert w.woken.load() == ("t",)


def test_and_then_it_does() -> None:
    done = run(Scenario(World, waits_a_while))
    assert (done.verdict, [step.result for step in done.schedule if "timeout" in step.operation]) == (
        "finished",
        [False],
    )


def test_outside_a_scenario_it_is_the_standard_librarys() -> None:
    cond = threading.Condition()
    woken: list[bool] = []

    def waiter() -> None:
        with cond:
            woken.append(cond.wait_for(lambda: ready, 10))

    ready = False
    thread = real.Thread(target=waiter)
    thread.start()
    with cond:
        ready = True
        cond.notify_all()
    thread.join()
    assert woken == [True]
    assert "Condition" in repr(cond)
