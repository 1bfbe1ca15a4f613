"""Threads that tasks start are tasks of the run, whichever search looks."""

from typing import Any

import pytest

from kvmlab import Mutex, Scenario, ScenarioError, explore, run, threading


class TwoLocks:
    """Two locks."""

    def __init__(self) -> None:
        self.a, self.b = Mutex(), Mutex()


def a_then_b(w: Any) -> None:
    """Take a, then b."""
    with w.a, w.b:
        pass


def start_b_then_a(w: Any) -> None:
    """Start a thread that takes b, then a, and wait for it."""

    def b_then_a() -> None:
        with w.b, w.a:
            pass

    thread = threading.Thread(target=b_then_a)
    thread.start()
    thread.join()


def test_a_started_thread_takes_part_in_a_deadlock() -> None:
    """The starter waits for its thread, the thread for the other task."""
    found = explore(Scenario(TwoLocks, a_then_b, start_b_then_a))
    assert (found.verdict, found.search) == ("deadlock", "traces")
    assert {wait.task for wait in found.deadlocks[0].waits} == {"a_then_b", "start_b_then_a", "start_b_then_a/1"}


def test_the_search_by_states_refuses_started_threads() -> None:
    """It knows only the tasks of the scenario, and says so."""
    with pytest.raises(ScenarioError, match="start_b_then_a starts a thread"):
        explore(Scenario(TwoLocks, a_then_b, start_b_then_a), by="states")


def test_a_live_run_waits_for_started_threads() -> None:
    """The run has finished when the thread has."""
    assert run(Scenario(TwoLocks, start_b_then_a)).verdict == "finished"
