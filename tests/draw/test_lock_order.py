"""The lock-order graph: what a task may wait for while it holds something, over all schedules."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Any

import pytest

from kvmlab import Mutex, Scenario, ScenarioError, SpinLock, draw, explore, threading
from kvmlab.draw import lock_graph
from tests.draw.worlds import BY_THE_RULE, CIRCLE, CROSSED, ORDERED, Hotplug, TwoLocks, ab, reads_twice, writes


def text(block: str) -> str:
    return dedent(block).strip("\n")


def test_the_four_locks_of_the_circle() -> None:
    picture = draw.lock_order(CIRCLE)
    assert str(picture) == text("""
        World, lock order over all schedules: 4 locks in a circle.
          slots_lock        is held by            set_memory_region  which may wait to synchronize  srcu
          srcu              has a reader inside:  vcpu_run           which may wait to read         cpu_hotplug_lock
          cpu_hotplug_lock  is read-held by       cpufreq_notifier   which may wait for             kvm_lock
          kvm_lock          is held by            set_nx_huge_pages  which may wait for             slots_lock
    """)
    assert picture.svg.count('class="kl-order kl-cycle"') == 4
    for words in ("(as reader, to read)", "(as reader)", "(for a grace period)"):
        assert f">{words}</text>" in picture.svg


def test_the_rule_takes_one_arrow_out() -> None:
    picture = draw.lock_order(BY_THE_RULE)
    assert "no circle" in str(picture)
    assert "kvm_lock          is held by" not in str(picture)
    assert "kl-cycle" not in picture.svg


def test_two_locks_in_two_orders() -> None:
    assert str(draw.lock_order(CROSSED)) == text("""
        TwoLocks, lock order over all schedules: 2 locks in a circle.
          a  is held by  ab  which may wait for  b
          b  is held by  ba  which may wait for  a
    """)


def test_tasks_that_make_the_same_arrow_share_it() -> None:
    picture = draw.lock_order(ORDERED)
    assert picture.svg.count('class="kl-order"') == 1
    assert ">ab 1</text>" in picture.svg
    assert ">ab 2</text>" in picture.svg


def test_of_many_tasks_an_arrow_names_four() -> None:
    def bare(w: TwoLocks) -> None:
        with w.a, w.b:
            pass

    svg = draw.lock_order(Scenario(TwoLocks, *[bare] * 6)).svg
    assert ">bare 4</text>" in svg
    assert ">bare 5</text>" not in svg
    assert ">and 2 more</text>" in svg


def test_a_recursive_reader_may_wait_for_itself() -> None:
    assert "cpu_hotplug_lock  is read-held by  reads_twice  which may wait to read  cpu_hotplug_lock" in str(
        draw.lock_order(Scenario(Hotplug, reads_twice, writes))
    )


def test_a_writer_that_drains_and_an_rlock_taken_again_do_not_wait_for_themselves() -> None:
    class Recursive:
        def __init__(self) -> None:
            self.lock = threading.RLock()

    def twice(w: Recursive) -> None:
        with w.lock, w.lock:
            pass

    nothing = "no task ever waits for a lock while it holds another."
    assert str(draw.lock_order(Scenario(Hotplug, writes))) == f"Hotplug: {nothing}"
    assert str(draw.lock_order(Scenario(Recursive, twice, twice))) == f"Recursive: {nothing}"


def test_spinlocks_and_the_standard_librarys_locks_count_a_trylock_does_not() -> None:
    class Mixed:
        def __init__(self) -> None:
            self.mutex = Mutex()
            self.spin = SpinLock()
            self.lock = threading.Lock()

    def spins(w: Mixed) -> None:
        with w.mutex, w.spin:
            pass

    def tries(w: Mixed) -> None:
        with w.lock:
            if w.mutex.trylock():
                w.mutex.unlock()

    def locks(w: Mixed) -> None:
        with w.mutex, w.lock:
            pass

    rows = str(draw.lock_order(Scenario(Mixed, spins, tries, locks))).split("\n")[1:]
    assert [" ".join(row.split()) for row in rows] == [
        "mutex is held by spins which may wait for spin",
        "mutex is held by locks which may wait for lock",
    ]


def test_a_world_that_needs_the_search_by_traces_says_what_to_do() -> None:
    class Flagged:
        def __init__(self) -> None:
            self.lock = Mutex()
            self.flag = False

    def sets(w: Flagged) -> None:
        with w.lock:
            w.flag = True

    with pytest.raises(ScenarioError, match=r"no lock-order graph of Flagged: .*w\.flag.*; keep what tasks share"):
        draw.lock_order(Scenario(Flagged, sets, sets))


def test_too_many_states_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_graph, "STATES", 10)
    with pytest.raises(ScenarioError, match=r"it has more than 10 states\. Take fewer tasks"):
        draw.lock_order(CROSSED)


@pytest.mark.parametrize(
    ("given", "called"),
    [
        (None, "None"),
        (TwoLocks, "<class 'tests.draw.worlds.TwoLocks'>"),
        ([], "[]"),
        (explore(CROSSED), "an Exploration"),
    ],
)
def test_what_is_no_scenario_is_refused(given: Any, called: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(f"lock_order takes a Scenario, not {called}: write draw.lock_o")):
        draw.lock_order(given)


def test_a_task_that_is_not_repeatable_is_named() -> None:
    turns = [0]

    def fickle(w: TwoLocks) -> None:
        turns[0] += 1
        with w.a if turns[0] % 2 else w.b:
            pass

    with pytest.raises(ScenarioError, match="no lock-order graph of TwoLocks: "):
        draw.lock_order(Scenario(TwoLocks, fickle, ab))
