"""Threads that tasks start are tasks of the run, whichever search looks."""

import contextlib
import threading as real
from collections.abc import Callable
from typing import Any

import pytest

from kvmlab import Mutex, Scenario, ScenarioError, explore, replay, run, threading
from kvmlab.task import THREADS


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


def chain(w: Any) -> None:
    """Start another like itself."""
    threading.Thread(target=chain, args=(w,), name="next").start()


def tree(w: Any) -> None:
    """Start two like itself."""
    for _ in range(2):
        threading.Thread(target=tree, args=(w,)).start()


def loop(w: Any) -> None:
    """Start one after another, whatever happens."""
    while True:
        with contextlib.suppress(Exception):
            threading.Thread(target=w.a.describe, args=(None,)).start()


CHAINED = "-".join(["1", *map(str, range(2, THREADS + 2))])


@pytest.mark.parametrize("how", [explore, run], ids=["explore", "run"])
@pytest.mark.parametrize("endless", [chain, tree, loop])
def test_threads_without_end_are_a_failure(
    endless: Callable[[Any], None], how: Callable[[Scenario], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """At once, at the line that starts them, and everything is unwound; nobody can catch it."""
    before = real.active_count()
    found = how(Scenario(TwoLocks, endless))
    (failure,) = found.failures
    assert found.verdict == "failed"
    assert f"starts one thread too many ({failure.location}): the tasks of one run may start 64. Does" in str(
        failure.message
    )
    assert (failure.location.function, failure.location.text[-8:]) == (endless.__name__, ".start()")
    assert real.active_count() == before
    assert capfd.readouterr().err == ""


def test_a_replay_comes_to_the_same() -> None:
    """Each of the threads moves once, and the last one starts one too many."""
    (failure,) = replay(Scenario(TwoLocks, chain), CHAINED).failures
    assert failure.kind == "stuck"
    assert len(failure.schedule) == THREADS + 1


def test_so_many_threads_may_be_started() -> None:
    """Up to the limit nothing is wrong."""

    def starts(w: Any) -> None:
        threads = [threading.Thread(target=w.a.describe, args=(None,)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert explore(Scenario(TwoLocks, starts)).verdict == "proven"
    assert run(Scenario(TwoLocks, starts)).verdict == "finished"


def test_a_thread_that_the_system_refuses_is_an_error_of_who_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A live run does not wait for it."""

    def start(thread: real.Thread, begin: Callable[[real.Thread], None] = real.Thread.start) -> None:
        if thread.name == "chain/next":
            raise RuntimeError("can't start new thread")
        begin(thread)

    monkeypatch.setattr(real.Thread, "start", start)
    found = run(Scenario(TwoLocks, chain, a_then_b))
    assert [failure.message for failure in found.failures] == ["chain raised RuntimeError: can't start new thread"]
