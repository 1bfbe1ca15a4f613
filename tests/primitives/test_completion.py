"""The completion: wait until another says done."""

from __future__ import annotations

from kvmlab import Completion, Scenario, explore, replay


class World:
    def __init__(self) -> None:
        self.done = Completion()


def wait(w: World) -> None:
    w.done.wait()


def complete(w: World) -> None:
    w.done.complete()


def complete_all(w: World) -> None:
    w.done.complete_all()


def test_complete_lets_one_waiter_through() -> None:
    found = explore(Scenario(World, wait, wait, complete))
    assert found.verdict == "deadlock"
    assert {deadlock.waits for deadlock in found.deadlocks} == {
        (("wait 1", "done", ()),), (("wait 2", "done", ()),)
    }  # fmt: skip
    assert explore(Scenario(World, wait, wait, complete, complete)).verdict == "proven"


def test_a_complete_before_the_wait_is_not_lost() -> None:
    assert replay(Scenario(World, wait, complete), "2-1").verdict == "finished"


def test_complete_all_lets_everybody_through_from_then_on() -> None:
    assert explore(Scenario(World, wait, wait, wait, complete_all)).verdict == "proven"


def test_complete_after_complete_all_takes_nothing_back() -> None:
    done = Completion()
    done.complete_all()
    done.complete()
    done.wait()
    done.wait()
    assert Completion.describe(done.value) == {"done": "all"}


def test_every_complete_pays_for_one_wait() -> None:
    done = Completion()
    done.complete()
    done.complete()
    assert Completion.describe(done.value) == {"done": 2}
    done.wait()
    assert Completion.describe(done.value) == {"done": 1}


def test_a_wait_that_nobody_ends_is_a_deadlock_without_a_culprit() -> None:
    (deadlock,) = explore(Scenario(World, wait)).deadlocks
    assert deadlock.waits == (("wait", "done", ()),)
    assert deadlock.reasons == {"wait": "nobody has completed it"}
    assert deadlock.cycle == ()
    assert len(deadlock.schedule) == 0
