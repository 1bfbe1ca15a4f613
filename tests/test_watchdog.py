"""The watchdog: several looks without progress, never a single late one."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType

from kvmlab.watchdog import PATIENCE, Watchdog


def looks(progress: list[int]) -> list[bool]:
    """What the watchdog said about each look at `progress`: whether it called, and whether again."""
    called: list[tuple[int, bool]] = []
    at = iter(progress)
    dog = Watchdog(lambda: next(at), lambda frame, again: called.append((len(called), again)))
    said = []
    for _ in progress:
        known = len(called)
        dog._look(0, None)
        said.append(len(called) > known)
    return said


def test_it_calls_when_nothing_has_changed_for_several_looks() -> None:
    assert looks([1] * (PATIENCE + 1)) == [False] * PATIENCE + [True]


def test_progress_starts_the_count_anew() -> None:
    assert looks([1] * PATIENCE + [2] * PATIENCE) == [False] * (2 * PATIENCE)


def test_it_says_when_the_first_call_did_not_help() -> None:
    calls: list[bool] = []
    dog = Watchdog(lambda: 0, lambda frame, again: calls.append(again))
    for _ in range(PATIENCE + 3):
        dog._look(0, None)
    assert calls == [False, True, True]


def test_it_watches_with_a_timer_and_takes_it_away_again() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with Watchdog(lambda: 0, lambda frame, again: None):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
        assert Watchdog.active
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) is before
    assert not Watchdog.active


def test_only_the_outer_one_watches() -> None:
    with Watchdog(lambda: 0, lambda frame, again: None):
        with Watchdog(lambda: 0, lambda frame, again: None):
            pass
        assert Watchdog.active
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0


def test_off_the_main_thread_it_watches_nothing_and_harms_nothing() -> None:
    seen: list[bool] = []

    def elsewhere() -> None:
        with Watchdog(lambda: 0, lambda frame, again: None):
            seen.append(Watchdog.active is None)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [True]


def test_a_blocked_main_thread_is_interrupted() -> None:
    class Ended(BaseException):
        pass

    def end(frame: FrameType | None, again: bool) -> None:
        raise Ended

    start = time.perf_counter()
    try:
        with Watchdog(lambda: 0, end):
            time.sleep(30)
    except Ended:
        pass
    assert time.perf_counter() - start < 8
