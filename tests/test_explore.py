"""Which search, which verdict, and what cannot be explored."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from kvmlab import Mutex, Refcount, Scenario, ScenarioError, Shared, explore, replay, state_graph, threading


class World:
    def __init__(self) -> None:
        self.a = Mutex()
        self.b = Mutex()
        self.flag = Shared(0)
        self.count = Refcount()
        self.plain = 0


def ab(w: World) -> None:
    with w.a, w.b:
        pass


def ba(w: World) -> None:
    with w.b, w.a:
        pass


def writes(w: World) -> None:
    with w.a:
        w.plain += 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: explore(World), "explore takes a Scenario, not <class"),
        (lambda: explore(object()), "explore takes a Scenario, not <object object>: write"),  # type: ignore[arg-type]
        (lambda: explore(Scenario(World, ab), by="luck"), 'by is "states" or "traces", not \'luck\''),
        (lambda: explore(Scenario(World, ab), max_states=0), "max_states is a whole number from 1, not 0"),
        (lambda: explore(Scenario(World, ab), max_runs=1.5), "max_runs is a whole number from 1, not 1.5"),
        (
            lambda: explore(Scenario(World, ab), max_operations=True),
            "max_operations is a whole number from 1, not True",
        ),
    ],
)
def test_a_call_that_cannot_work_says_what_was_wrong(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        call()
    assert str(caught.value).startswith(message)


def test_states_are_searched_when_everything_shared_is_a_resource() -> None:
    found = explore(Scenario(World, ab, ba))
    assert (found.search, found.why) == ("states", "everything that the tasks share and change is a resource")
    assert (found.classes, found.runs) == (None, None)


def test_traces_are_searched_when_a_task_writes_plain_data() -> None:
    found = explore(Scenario(World, writes, writes))
    assert found.search == "traces"
    assert found.why == "writes 1 writes plain data, w.plain, which the search by states does not see"
    assert (found.schedules, found.states) == (None, None)


def test_either_search_can_be_asked_for() -> None:
    for by in ("states", "traces"):
        found = explore(Scenario(World, ab, ba), by=by)
        assert (found.search, found.why, found.verdict) == (by, "as asked", "deadlock")


def test_different_deadlocks_are_different_and_each_is_told_once_shortest_first() -> None:
    found = explore(Scenario(World, ab, ba, ab))
    assert len({deadlock.waits for deadlock in found.deadlocks}) == len(found.deadlocks) > 1
    lengths = [len(deadlock.schedule) for deadlock in found.deadlocks]
    assert lengths == sorted(lengths)


def test_every_counterexample_happened_for_real() -> None:
    """The verdict's deadlocks come from a run, not from the search's arithmetic."""
    scenario = Scenario(World, ab, ba, ab)
    for deadlock in explore(scenario).deadlocks:
        assert replay(scenario, deadlock.replay).deadlock == deadlock


CALLS: list[int] = []


def remembers(w: World) -> None:
    """Another lock every second time it is called."""
    CALLS.append(1)
    with w.a if len(CALLS) % 2 else w.b:
        pass


def draws(w: World) -> None:
    with w.a if random.random() < 0.5 else w.b:
        pass


def reads_flag(w: World) -> None:
    """Branches, so that its way is repeated."""
    if w.flag.load():
        w.count.inc()
        draws(w)


def test_a_task_that_draws_lots_is_not_repeatable() -> None:
    def draws_often(w: World) -> None:
        for _ in range(30):
            draws(w)

    for by in ("states", "traces"):
        found = explore(Scenario(World, draws_often, ab), by=by)
        (failure,) = found.failures
        assert (found.verdict, failure.kind, failure.task) == ("failed", "not repeatable", "draws_often"), by
        assert "draws_often is not repeatable: after the same results it did " in failure.message
        assert failure.message.endswith("must not decide what it does.")


@pytest.mark.parametrize("by", ["states", "traces"])
def test_a_task_alone_that_draws_lots_is_not_repeatable_either(by: str) -> None:
    """There is only one schedule, so nothing is repeated on the way."""

    def draws_often(w: World) -> None:
        for _ in range(30):
            draws(w)

    found = explore(Scenario(World, draws_often), by=by)
    assert (found.verdict, found.failures[0].kind if found.failures else "") == ("failed", "not repeatable")


def remembers_in_a_closure() -> Callable[[World], None]:
    calls = 0

    def counts(w: World) -> None:
        nonlocal calls
        calls += 1
        with w.a if calls % 2 else w.b:
            pass

    return counts


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("make", [lambda: remembers, remembers_in_a_closure], ids=["global", "closure"])
def test_a_task_that_remembers_earlier_runs_is_not_repeatable(
    number: int, make: Callable[[], Callable[[World], None]]
) -> None:
    """Also when every run makes as many calls as the one before, so that each repeats it."""
    task = make()
    found = explore(Scenario(World, *[task] * number))
    (failure,) = found.failures
    assert (found.verdict, failure.kind) == ("failed", "not repeatable")
    assert re.search(r"it did lock of [ab] once and lock of [ab] another time", failure.message)


def test_a_global_list_that_decides_nothing_is_no_fault() -> None:
    told: list[str] = []

    def tells(w: World) -> None:
        with w.a:
            told.append("in")

    found = explore(Scenario(World, tells, tells))
    assert (found.search, found.verdict) == ("traces", "proven")


def test_a_world_that_differs_from_run_to_run_is_refused() -> None:
    class Changing:
        def __init__(self) -> None:
            self.cell = Shared(len(worlds))
            worlds.append(1)

    worlds: list[int] = []

    def loads(w: Changing) -> None:
        w.cell.load()

    with pytest.raises(ScenarioError, match=r"Changing\(\) does not make the same world each time: its locks or their"):
        explore(Scenario(Changing, loads, loads))


def test_a_world_with_another_number_of_locks_each_time_is_refused() -> None:
    class Growing:
        def __init__(self) -> None:
            worlds.append(1)
            self.locks = [Mutex() for _ in worlds]

    worlds: list[int] = []

    with pytest.raises(ScenarioError, match="does not make the same world each time"):
        explore(Scenario(Growing, lambda w: None, lambda w: None))


def test_the_search_by_traces_refuses_it_too() -> None:
    class Changing:
        def __init__(self) -> None:
            self.cell = Shared(len(worlds))
            worlds.append(1)

    worlds: list[int] = []

    def loads(w: Changing) -> None:
        w.cell.load()

    with pytest.raises(ScenarioError, match="does not make the same world each time"):
        explore(Scenario(Changing, loads, loads), by="traces")


def test_a_lock_that_a_task_makes_differently_in_another_branch_is_explored_by_traces() -> None:
    """The search by states takes the first one for all of them."""

    def makes(w: World) -> None:
        count = Refcount(2 if w.flag.load() else 1)
        assert count.dec_and_test()

    def sets(w: World) -> None:
        w.flag.store(1)

    found = explore(Scenario(World, makes, sets))
    assert (found.search, found.verdict) == ("traces", "failed")
    assert found.why.startswith("makes makes another Refcount there, depending on what came before")
    with pytest.raises(ScenarioError, match="makes another Refcount there"):
        explore(Scenario(World, makes, sets), by="states")


def test_another_kind_of_lock_in_another_branch_is_explored_by_traces() -> None:
    def makes(w: World) -> None:
        lock: Any = Mutex() if w.flag.load() else Shared(None)
        if isinstance(lock, Mutex):
            lock.lock()
        else:
            lock.load()

    def sets(w: World) -> None:
        w.flag.store(1)

    found = explore(Scenario(World, makes, sets))
    assert (found.search, found.verdict) == ("traces", "failed")


def test_a_lock_that_a_task_makes_alike_in_every_branch_is_explored_by_states() -> None:
    def makes(w: World) -> None:
        with Mutex():
            if w.flag.load():
                with Mutex():
                    pass

    assert explore(Scenario(World, makes, lambda w: w.flag.store(1))).search == "states"


def test_a_failure_and_a_deadlock_are_both_told_and_the_verdict_is_the_deadlock() -> None:
    def raises(w: World) -> None:
        with w.a:
            raise ValueError("told")

    found = explore(Scenario(World, ab, ba, raises))
    assert found.verdict == "deadlock"
    assert [failure.message for failure in found.failures] == ["raises raised ValueError: told"]


def test_an_error_text_with_an_address_is_the_same_in_every_run() -> None:
    def raises(w: World) -> None:
        with w.a:
            raise ValueError(f"cannot use {object()}")

    found = explore(Scenario(World, raises, ab, ab))
    assert [failure.message for failure in found.failures] == [
        "raises raised ValueError: cannot use <object object>"
    ]  # fmt: skip


def test_a_state_graph_of_what_is_not_a_scenario_is_refused() -> None:
    with pytest.raises(ScenarioError, match="state_graph takes a Scenario, not 3"):
        state_graph(3)  # type: ignore[arg-type]


class Plain:
    def __init__(self) -> None:
        self.a = Mutex()
        self.b = Mutex()
        self.x = 0


def test_a_race_is_told_although_a_task_goes_wrong_on_the_way() -> None:
    def raises(w: Plain) -> None:
        with w.a:
            pass
        w.x += 1
        raise ValueError("on purpose")

    def adds(w: Plain) -> None:
        with w.a:
            pass
        w.x += 1

    for tasks in ((raises, adds), (adds, raises)):
        found = explore(Scenario(Plain, *tasks))
        assert {failure.kind for failure in found.failures} == {"race", "raised"}
        assert all(len(failure.schedule) for failure in found.failures if failure.kind == "race")


def test_a_race_that_decides_something_is_not_called_unrepeatable() -> None:
    def sets(w: Plain) -> None:
        with w.a:
            pass
        w.x = 1
        with w.a:
            pass

    def looks(w: Plain) -> None:
        with w.b:
            pass
        x = w.x
        with w.b:
            pass
        assert x == 0

    for tasks in ((sets, looks), (looks, sets)):
        assert [failure.kind for failure in explore(Scenario(Plain, *tasks)).failures] == ["race"]


STARTS: list[int] = []


def test_a_thread_that_is_started_in_some_runs_only_is_not_repeatable() -> None:
    def starter(w: Plain) -> None:
        STARTS.append(1)
        with w.a:
            pass
        if len(STARTS) % 7 < 5:
            thread = threading.Thread(target=lambda: None)
            thread.start()
            thread.join()

    def other(w: Plain) -> None:
        with w.a:
            pass

    STARTS.clear()
    found = explore(Scenario(Plain, starter, other), by="traces")
    assert [failure.kind for failure in found.failures] == ["not repeatable"]


def test_a_deadlock_found_before_the_search_had_to_begin_anew_is_kept_when_the_budget_runs_out() -> None:
    def ab(w: Plain) -> None:
        with w.a, w.b:
            pass

    def ba(w: Plain) -> None:
        with w.b, w.a:
            w.x += 1

    assert explore(Scenario(Plain, ab, ba), by="traces", max_runs=2).verdict == "deadlock"
