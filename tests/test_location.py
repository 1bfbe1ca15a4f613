"""Which line of the reader's asked, also for code typed in a notebook."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import pytest

from kvmlab import Completion, LockError, Mutex, Scenario, explore, replay, run, threading
from kvmlab.location import NOWHERE, caller, is_engine
from tests.oracles.cells import cell


class World:
    def __init__(self) -> None:
        self.m = Mutex()
        self.n = Mutex()


def lines(run_or_exploration: Any) -> list[str]:
    """The source lines of a schedule."""
    return [step.location.text for step in run_or_exploration.schedule]


def test_an_operation_knows_the_line_that_asked_for_it() -> None:
    def task(w: World) -> None:
        w.m.lock()
        w.m.unlock()

    schedule = replay(Scenario(World, task), "1-1").schedule
    assert lines(replay(Scenario(World, task), "1-1")) == ["w.m.lock()", "w.m.unlock()"]
    first, second = (step.location for step in schedule)
    assert second.line == first.line + 1
    assert str(first) == f"task, test_location.py line {first.line}: w.m.lock()"


def test_entering_and_leaving_a_section_are_on_the_line_of_its_with() -> None:
    task = cell("""
        def task(w):
            with w.m:
                with w.n:
                    pass
    """)["task"]
    assert lines(replay(Scenario(World, task), "1x4")) == ["with w.m:", "with w.n:", "with w.n:", "with w.m:"]


def test_a_helper_is_named_by_its_own_line() -> None:
    """The innermost line of the reader's, with the function that it is in."""

    def helper(m: Mutex) -> None:
        m.lock()

    def task(w: World) -> None:
        helper(w.m)
        w.m.unlock()

    first = replay(Scenario(World, task), "1-1").schedule[0].location
    assert (first.function, first.text) == ("helper", "m.lock()")


def test_a_context_manager_of_the_readers_is_named_by_its_own_lines() -> None:
    @contextmanager
    def both(w: World) -> Any:
        w.m.lock()
        yield
        w.m.unlock()

    def task(w: World) -> None:
        with both(w):
            pass

    assert lines(replay(Scenario(World, task), "1-1")) == ["w.m.lock()", "w.m.unlock()"]


def test_live_and_controlled_runs_name_the_same_lines() -> None:
    def task(w: World) -> None:
        with w.m, w.n:
            pass

    scenario = Scenario(World, task)
    assert run(scenario).schedule == replay(scenario, "1x4").schedule


def test_code_of_a_notebook_cell_is_called_cell_and_knows_its_source() -> None:
    notebook = cell("""
        class World:
            def __init__(self):
                self.m = Mutex()


        def task(w):
            w.m.lock()
            raise ValueError("oops")
    """)
    (failure,) = explore(Scenario(notebook["World"], notebook["task"])).failures
    assert str(failure.location) == 'task, cell line 8: raise ValueError("oops")'
    assert str(failure.schedule[0].location) == "task, cell line 7: w.m.lock()"


def test_two_cells_with_the_same_line_are_two_places() -> None:
    source = "def task(w):\n    w.m.lock()\n"
    one, two = cell(source)["task"], cell(source)["task"]
    first, second = (replay(Scenario(World, task), "1").schedule[0].location for task in (one, two))
    assert str(first) == str(second)
    assert first != second
    assert first == replay(Scenario(World, one), "1").schedule[0].location
    assert len({first, second}) == 2


def test_code_without_source_has_a_line_and_no_text() -> None:
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile("def task(w):\n    w.m.lock()\n", "<string>", "exec"), space)
    location = replay(Scenario(World, space["task"]), "1").schedule[0].location
    assert (str(location), location.file, location.text) == ("task, cell line 2", "cell", "")


def test_an_error_is_at_the_readers_innermost_line_not_at_ours() -> None:
    def helper(m: Mutex) -> None:
        m.unlock()

    def task(w: World) -> None:
        helper(w.m)

    (failure,) = explore(Scenario(World, task)).failures
    assert isinstance(failure.error, LockError)
    assert failure.location is not None
    assert (failure.location.function, failure.location.text) == ("helper", "m.unlock()")


def test_the_engine_is_ours_and_the_simulated_kvm_is_a_program_under_study() -> None:
    import kvmlab
    from kvmlab.primitives import mutex

    package = kvmlab.__file__.removesuffix("__init__.py")
    assert is_engine(mutex.__file__)
    assert is_engine(package + "live.py")
    assert not is_engine(package + "kvm/paths.py")
    assert not is_engine(__file__)
    assert is_engine(pytest.__file__)  # installed, in an environment outside of the standard library


def test_whoever_calls_is_found_from_inside() -> None:
    def here() -> str:
        return caller().function

    assert here() == "here"


def test_a_line_inside_a_comprehension_belongs_to_the_function_around_it() -> None:
    """On every version of Python."""
    task = cell("""
        def task(w):
            {m: m.unlock() for m in (w.m, w.n)}
    """)["task"]
    (failure,) = explore(Scenario(World, task)).failures
    assert str(failure.location) == "task, cell line 2: {m: m.unlock() for m in (w.m, w.n)}"


def test_a_line_of_a_lambda_belongs_to_the_lambda() -> None:
    (failure,) = explore(Scenario(World, lambda w: w.m.unlock())).failures
    assert failure.location is not None
    assert failure.location.function == "<lambda>"


class Waited:
    """Something that nobody does."""

    def __init__(self) -> None:
        self.done = Completion()
        self.lock = threading.Lock()


def test_a_primitive_as_the_target_of_a_thread_asks_at_the_line_that_starts_it() -> None:
    """So does the end of a thread, which is on no line of its own either."""

    def starts(w: Waited) -> None:
        threading.Thread(target=w.done.wait).start()
        threading.Thread(target=w.done.complete).start()

    def waits(w: Waited) -> None:
        threading.Thread(target=w.done.wait).start()

    waiting = "threading.Thread(target=w.done.wait).start()"
    completing = "threading.Thread(target=w.done.complete).start()"
    found = replay(Scenario(Waited, starts), "1-1-3-2-2-3")
    assert found.verdict == "finished"
    assert lines(found) == [waiting, completing, completing, waiting, waiting, completing]
    for stands in (*explore(Scenario(Waited, waits)).deadlocks, run(Scenario(Waited, waits)).deadlock):
        assert stands is not None
        assert {task: line.text for task, line in stands.lines.items()} == {"waits/1": waiting}


def test_what_a_primitive_raises_as_the_target_of_a_thread_is_told_at_that_line_too() -> None:
    def starts(w: Waited) -> None:
        threading.Thread(target=w.lock.release).start()

    for found in (explore(Scenario(Waited, starts)), run(Scenario(Waited, starts))):
        (failure,) = found.failures
        assert failure.message == "starts/1 raised RuntimeError: release unlocked lock"
        assert failure.location is not None
        assert failure.location.text == "threading.Thread(target=w.lock.release).start()"


def test_a_primitive_that_is_itself_a_task_has_no_line_and_none_of_ours_is_named() -> None:
    scenario = Scenario(Mutex, Mutex.lock, Mutex.lock)
    found = replay(scenario, "1")
    assert [step.location for step in found.schedule] == [NOWHERE]
    assert (str(NOWHERE), repr(NOWHERE), NOWHERE.line, NOWHERE.text) == ("no line of the program", "<NOWHERE>", 0, "")
    for failure in (*found.failures, *run(scenario, "1").failures):
        assert (failure.kind, failure.location) == ("held", None)
