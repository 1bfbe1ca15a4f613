"""Greenlets: exactly one task moves, when told; nothing is left behind."""

from __future__ import annotations

import contextlib
import gc
import weakref

import pytest

from kvmlab import Completion, Mutex, Scenario, ScenarioError, explore, replay, run, state_graph
from kvmlab.controlled import Controlled
from kvmlab.errors import Unwound
from kvmlab.world import here


class World:
    def __init__(self) -> None:
        self.m = Mutex()
        self.done = Completion()
        self.said: list[str] = []


def section(w: World) -> None:
    w.said.append("before")
    with w.m:
        w.said.append("inside")
    w.said.append("after")


def test_a_task_runs_to_its_first_operation_and_stands_still() -> None:
    with Controlled(Scenario(World, section)) as run:
        assert run.world.said == []
        run.start_all()
        assert run.world.said == ["before"]
        assert run.fibers[0].operation.name == "lock"


def test_a_move_performs_the_operation_and_runs_to_the_next() -> None:
    with Controlled(Scenario(World, section)) as run:
        run.start_all()
        run.move(run.fibers[0])
        assert run.world.said == ["before", "inside"]
        run.move(run.fibers[0])
        assert run.world.said == ["before", "inside", "after"]
        assert run.fibers[0].ended is not None
        assert not run.can_move(run.fibers[0])


def test_nobody_acts_outside_of_a_move() -> None:
    with Controlled(Scenario(World, section)) as run:
        run.start_all()
        assert here.actor is None


def test_unwinding_releases_no_lock_and_ends_every_task() -> None:
    """A hung task's locks stay held; the others must not move because of the unwinding."""
    seen: list[object] = []

    def holds(w: World) -> None:
        try:
            with w.m:
                w.done.wait()
        finally:
            seen.append(w.m.value)

    run = Controlled(Scenario(World, holds, section))
    run.start_all()
    run.move(run.fibers[0])
    run.close()
    assert seen == ["holds"]
    assert run.world.said == ["before"]
    assert all(fiber.ended is not None and fiber.greenlet.dead for fiber in run.fibers)


def test_unwinding_passes_through_except_exception_and_finally_may_not_operate() -> None:
    steps: list[str] = []

    def stubborn(w: World) -> None:
        try:
            w.done.wait()
        except Exception:
            steps.append("caught")
        finally:
            steps.append("finally")
            w.m.lock()
            steps.append("never")

    assert explore(Scenario(World, stubborn)).verdict == "deadlock"
    assert set(steps) == {"finally"}


def test_a_task_that_swallows_the_unwinding_is_left_after_a_hundred_refusals() -> None:
    """The search answers, and the next one works."""
    before = len(Controlled.abandoned)

    def stubborn(w: World) -> None:
        while True:
            with contextlib.suppress(BaseException):
                w.done.wait()

    found = explore(Scenario(World, stubborn))
    assert found.verdict == "deadlock"
    assert len(Controlled.abandoned) > before
    assert explore(Scenario(World, section)).verdict == "proven"
    Controlled.abandoned.clear()


def test_a_task_that_swallows_one_unwinding_and_ends_leaves_nothing() -> None:
    before = len(Controlled.abandoned)

    def swallows(w: World) -> None:
        with contextlib.suppress(Unwound):
            w.done.wait()

    assert explore(Scenario(World, swallows)).verdict == "deadlock"
    assert len(Controlled.abandoned) == before


@pytest.mark.parametrize("call", [explore, run, lambda s: replay(s, ""), state_graph])
def test_a_search_inside_a_task_is_refused(call: object) -> None:
    def inner(w: World) -> None:
        call(Scenario(World, section))  # type: ignore[operator]

    for outer in (explore(Scenario(World, inner)), run(Scenario(World, inner))):
        (failure,) = outer.failures
        assert isinstance(failure.error, ScenarioError)
        assert "inner" in failure.message
        assert failure.message.endswith("inside a task; do that outside of the scenario.")


def test_a_world_that_explores_while_it_is_made_is_refused() -> None:
    class Endless(World):
        def __init__(self) -> None:
            super().__init__()
            explore(Scenario(Endless, section))

    with pytest.raises(ScenarioError, match=r"Endless\(\) raised ScenarioError"):
        explore(Scenario(Endless, section))


def test_a_run_leaves_no_world_behind() -> None:
    """Not even when a task's error, with its frames, is kept in the verdict of another run."""
    worlds: list[weakref.ref[World]] = []

    class Watched(World):
        def __init__(self) -> None:
            super().__init__()
            worlds.append(weakref.ref(self))

    def waits(w: Watched) -> None:
        with w.m:
            w.done.wait()

    for _ in range(20):
        explore(Scenario(Watched, waits, section))
        run(Scenario(Watched, waits, section))
    gc.collect()
    assert [one for one in worlds if one() is not None] == []


def test_ctrl_c_in_a_task_ends_the_search_and_not_the_process() -> None:
    def interrupted(w: World) -> None:
        with w.m:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        explore(Scenario(World, interrupted, section))
    assert here.actor is None
    assert explore(Scenario(World, section)).verdict == "proven"


def test_a_task_that_exits_has_raised() -> None:
    def leaves(w: World) -> None:
        raise SystemExit(3)

    for found in (explore(Scenario(World, leaves)), run(Scenario(World, leaves))):
        assert found.failures[0].message == "leaves raised SystemExit: 3"
