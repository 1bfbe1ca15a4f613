"""A thread of the standard library that touches a run's locks: the run has failed, and nothing else is heard of it."""

from __future__ import annotations

import threading as real
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kvmlab import Completion, Scenario, explore, replay, run, threading
from kvmlab.errors import ForeignObject


class World:
    def __init__(self) -> None:
        self.k = threading.Lock()
        self.done = Completion()


@pytest.fixture(autouse=True)
def _nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a thread raises goes where it goes outside of pytest."""
    monkeypatch.setattr(real, "excepthook", real.__excepthook__)


def ends(w: World) -> None:
    x = real.Thread(target=lambda: w.k.acquire())
    x.start()
    x.join()


def goes_on(w: World) -> None:
    ends(w)
    w.done.wait()


def keeps_quiet(w: World) -> None:
    try:
        goes_on(w)
    except Exception:
        return


def pools(w: World) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: w.k.acquire()).result()


CALLS: list[Callable[[Scenario], Any]] = [
    explore, lambda scenario: explore(scenario, by="traces"), lambda scenario: replay(scenario, ""), run
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=["states", "traces", "replay", "run"])
@pytest.mark.parametrize("task", [ends, goes_on, keeps_quiet, pools])
def test_the_run_has_failed_at_that_line(
    task: Callable[[World], None], call: Callable[[Scenario], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    found = call(Scenario(World, task))
    (failure,) = found.failures
    assert (found.verdict, failure.lock) == ("failed", "k")
    assert isinstance(failure.error, ForeignObject)
    assert failure.message == (
        f"{task.__name__} raised ForeignObject: a thread of the standard library uses k ({failure.location}), and no "
        'schedule can say when. Write "from kvmlab import threading" and use the Thread from there.'
    )
    assert "lambda: w.k.acquire()" in failure.location.text
    assert capfd.readouterr().err == ""


def test_a_target_that_is_our_own_method_has_no_line() -> None:
    def starts(w: World) -> None:
        x = real.Thread(target=w.k.acquire)
        x.start()
        x.join()

    (failure,) = explore(Scenario(World, starts)).failures
    assert failure.location is None
    assert "a thread of the standard library uses k, and no schedule can say when." in failure.message


def test_when_the_run_is_over_the_thread_itself_is_told() -> None:
    """There is no task left to tell."""
    kept: list[World] = []
    caught: list[BaseException] = []

    def late() -> None:
        try:
            kept[0].k.acquire()
        except ForeignObject as error:
            caught.append(error)

    run(Scenario(World, kept.append))
    thread = real.Thread(target=late)
    thread.start()
    thread.join()
    assert [str(error).partition(" (")[0] for error in caught] == ["a thread of the standard library uses k"]
