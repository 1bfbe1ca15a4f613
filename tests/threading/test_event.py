"""`Event`."""

from __future__ import annotations

import pytest

from kvmlab import Scenario, explore, threading
from tests.threading.calls import check


@pytest.mark.parametrize(
    "does",
    [
        "it.is_set()",
        "it.set()",
        "it.clear()",
        "(it.set(), it.is_set())",
        "(it.set(), it.wait())",
        "(it.set(), it.wait(1), it.wait(0), it.wait(-1))",
        "it.wait(0)",
        "it.wait(-1)",
        "(it.wait(0), it.wait(0), it.wait(0))",
        "(it.set(), it.clear(), it.is_set(), it.wait(0))",
        "(it.set(), it.wait('x'))",
        "it.wait('x')",
        "(it.isSet(), it.set(), it.isSet())",
    ],
)
def test_a_call_gives_what_the_standard_library_gives(does: str) -> None:
    check("Event()", does)


class World:
    def __init__(self) -> None:
        self.event = threading.Event()


def waits(w: World) -> None:
    assert w.event.wait() is True


def sets(w: World) -> None:
    w.event.set()


def sets_and_clears(w: World) -> None:
    w.event.set()
    w.event.clear()


def test_set_lets_everybody_go() -> None:
    assert explore(Scenario(World, waits, waits, sets)).verdict == "proven"
    (deadlock,) = explore(Scenario(World, waits)).deadlocks
    assert deadlock.reasons == {"waits": "nobody has set it"}


def test_who_waited_when_it_was_set_goes_although_it_is_cleared_before_they_run() -> None:
    found = explore(Scenario(World, waits, sets_and_clears))
    assert [deadlock.replay for deadlock in found.deadlocks] == ["2-2-1"], "only who comes after that waits for ever"
    (deadlock,) = found.deadlocks
    assert (found.schedules, found.deadlocked, len(deadlock.waits)) == (4, 1, 1)


def test_a_wait_that_is_not_to_wait_uses_up_no_timeout() -> None:
    def polls(w: World) -> None:
        assert not all([w.event.wait(0), w.event.wait(0), w.event.wait(0)])

    found = explore(Scenario(World, polls), max_timeouts=0)
    assert found.verdict == "proven"
    assert not any("timeout" in assumption for assumption in found.assumes)


def test_describe() -> None:
    event = threading.Event()
    assert event.describe(event.value) == {"flag": False, "waiting": []}
