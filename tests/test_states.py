"""The search by states: trees of behaviour, merged states, exact counts."""

from __future__ import annotations

from math import factorial

import pytest

from kvmlab import Completion, LockError, Mutex, Refcount, Scenario, Shared, explore
from kvmlab.controlled import Controlled
from kvmlab.errors import NeedsTraces
from kvmlab.states import StateSpace


class World:
    def __init__(self) -> None:
        self.a = Mutex()
        self.cell = Shared(0)
        self.count = Refcount()
        self.done = Completion()


def section(w: World) -> None:
    with w.a:
        pass


def test_every_schedule_is_counted_once() -> None:
    """n tasks with k steps each on resources of their own: the multinomial."""

    class Own:
        def __init__(self) -> None:
            self.cells = [Shared(0) for _ in range(4)]

    def steps(number: int) -> object:
        def task(w: Own) -> None:
            for _ in range(3):
                w.cells[number].load()

        return task

    found = explore(Scenario(Own, *(steps(number) for number in range(4))))  # type: ignore[arg-type]
    assert (found.schedules, found.states) == (factorial(12) // factorial(3) ** 4, 4**4)


def test_python_runs_once_per_behaviour_and_not_once_per_schedule() -> None:
    """Eight tasks, a number of schedules with many digits, a handful of runs."""

    class Counted(World):
        def __init__(self) -> None:
            super().__init__()
            self.cells = [Shared(0) for _ in range(8)]

    def loads(number: int) -> object:
        def task(w: Counted) -> None:
            for _ in range(2):
                w.cells[number].load()

        return task

    before = Controlled.steps
    found = explore(Scenario(Counted, *(loads(number) for number in range(8))))  # type: ignore[arg-type]
    assert found.schedules == factorial(16) // 2**8 == 81_729_648_000
    assert found.states == 3**8
    assert Controlled.steps - before < 200


def test_a_failed_state_is_the_end_of_its_schedules() -> None:
    """What others would do afterwards is not counted."""

    def raises(w: World) -> None:
        raise ValueError("at once")

    found = explore(Scenario(World, section, raises))
    assert (found.states, found.schedules, found.verdict) == (1, 1, "failed")


def test_a_task_that_goes_on_after_its_own_mistake_is_followed() -> None:
    def careful(w: World) -> None:
        try:
            w.a.unlock()
        except LockError:
            w.cell.store(1)

    def checks(w: World) -> None:
        if w.cell.load():
            w.done.wait()

    assert explore(Scenario(World, careful, checks)).verdict == "deadlock"


def test_a_branch_on_a_result_is_found_only_if_the_result_is_possible() -> None:
    """Refcounts only go up here, so nobody ever sees 0."""

    def raises_count(w: World) -> None:
        w.count.inc()

    def checks(w: World) -> None:
        if w.count.read() == 0:
            raise AssertionError("impossible")

    found = explore(Scenario(World, raises_count, checks))
    assert found.verdict == "proven"
    space = StateSpace(Scenario(World, raises_count, checks), 100)
    assert [node.results for node in space.behaviours.trees[1]] == [(), (1,), (2,)]


def test_a_loop_without_end_is_cut_at_the_budget_of_operations() -> None:
    def spins(w: World) -> None:
        while not w.cell.load():
            pass

    def sets(w: World) -> None:
        w.cell.store(1)

    found = explore(Scenario(World, spins, sets), max_operations=10)
    assert [failure.kind for failure in found.failures] == ["endless"]
    assert found.failures[0].replay == "1x10"
    assert found.schedules is not None


def test_a_run_that_is_given_up_in_the_middle_leaves_no_task_standing() -> None:
    """A task that writes plain data inside two nested sections."""
    left: list[object] = []

    def writes(w: World) -> None:
        try:
            with w.a:
                w.count.inc()
                w.new = 1  # type: ignore[attr-defined]
                w.count.inc()
        finally:
            left.append(w)

    with pytest.raises(NeedsTraces):
        StateSpace(Scenario(World, writes), 100)
    assert len(left) == 1


def test_the_budget_counts_states() -> None:
    whole = explore(Scenario(World, section, section, section))
    assert whole.states is not None
    assert explore(Scenario(World, section, section, section), max_states=whole.states).verdict == "proven"
    assert explore(Scenario(World, section, section, section), max_states=whole.states - 1).verdict == "not finished"


def test_a_long_task_takes_no_more_stack_than_a_short_one() -> None:
    def long(w: World) -> None:
        for number in range(290):
            w.cell.store(number)

    assert explore(Scenario(World, long, section)).verdict == "proven"
