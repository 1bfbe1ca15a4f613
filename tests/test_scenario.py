"""A scenario: what can be a world, what can be a task, and what they are called."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import pytest

from kvmlab import Mutex, Scenario, ScenarioError, explore


class World:
    def __init__(self) -> None:
        self.m = Mutex()


def task(w: World) -> None:
    with w.m:
        pass


def test_it_shows_its_world_and_its_tasks() -> None:
    assert repr(Scenario(World, task)) == "<Scenario World: task>"
    assert repr(Scenario(World, task, name="mine")) == "<Scenario mine: task>"


def test_an_instance_in_place_of_the_class_is_refused_without_its_address() -> None:
    with pytest.raises(ScenarioError) as caught:
        Scenario(World(), task)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "the first argument of Scenario makes a fresh world when it is called, but <tests.test_scenario.World object> "
        "cannot be called. Give the class itself (World), not an instance of it (World())."
    )


def test_no_tasks_are_too_few() -> None:
    with pytest.raises(ScenarioError, match=r"a Scenario needs at least one task: Scenario\(World, first_task"):
        Scenario(World)


def test_a_task_that_was_called_is_refused() -> None:
    """``Scenario(World, task(w))`` gives None."""
    with pytest.raises(ScenarioError, match="task 2 of the Scenario is None; a task is a function of the world"):
        Scenario(World, task, task(World()))  # type: ignore[func-returns-value, arg-type]


def generator(w: World) -> Iterator[None]:
    yield


async def coroutine(w: World) -> None:
    pass


async def asynchronous_generator(w: World) -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize("wrong", [generator, coroutine, asynchronous_generator, partial(generator)])
def test_a_generator_or_coroutine_would_run_nothing(wrong: Any) -> None:
    with pytest.raises(ScenarioError, match="is a generator or coroutine; calling it would run nothing"):
        Scenario(World, wrong)


@pytest.mark.parametrize("wrong", [lambda: None, lambda w, more: None, lambda *, w: None, partial(task, World())])
def test_a_task_takes_exactly_one_argument(wrong: Any) -> None:
    with pytest.raises(ScenarioError, match="does not take exactly one argument; a task is a function of the world"):
        Scenario(World, wrong)


def test_a_world_that_raises_is_named_with_its_error() -> None:
    class Broken:
        def __init__(self) -> None:
            raise KeyError("missing")

    with pytest.raises(ScenarioError, match=r"Broken\(\) raised KeyError: 'missing'") as caught:
        explore(Scenario(Broken, task))
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_task_in_place_of_the_world_is_named() -> None:
    with pytest.raises(ScenarioError, match=r"task\(\) raised TypeError: .*missing 1 required positional"):
        explore(Scenario(task, task))


def test_any_callable_without_arguments_makes_a_world() -> None:
    def make() -> dict[str, Mutex]:
        return {"m": Mutex()}

    def take(w: dict[str, Mutex]) -> None:
        with w["m"]:
            pass

    scenario = Scenario(make, take)
    assert scenario.name == "make"
    assert explore(scenario).verdict == "proven"
    assert explore(Scenario(partial(World), task)).scenario == "World()"


def test_a_world_may_be_nothing_at_all() -> None:
    assert explore(Scenario(lambda: None, lambda w: None)).verdict == "proven"


def test_a_task_may_be_any_callable_of_the_world() -> None:
    class Walker:
        def __call__(self, w: World) -> None:
            task(w)

        def method(self, w: World) -> None:
            task(w)

    scenario = Scenario(World, Walker(), Walker().method, World.__init__)
    assert scenario.task_names == ("Walker", "method", "__init__")


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ((task,), ("task",)),
        ((task, task), ("task 1", "task 2")),
        ((task, generator.__class__ and (lambda w: None)), ("task", "task 2")),
        ((lambda w: None, lambda w: None), ("task 1", "task 2")),
        ((partial(task), task), ("task()", "task")),
    ],
)
def test_every_task_has_a_name_of_its_own(given: tuple[Any, ...], called: tuple[str, ...]) -> None:
    assert Scenario(World, *given).task_names == called


def test_a_partial_task_is_called_with_its_arguments() -> None:
    def walk(w: World, vm: int, *, slow: bool = False) -> None:
        pass

    assert Scenario(World, partial(walk, vm=1), partial(walk, vm=2, slow=True)).task_names == (
        "walk(vm=1)",
        "walk(vm=2, slow=True)",
    )


def test_a_name_that_a_number_would_make_twice_is_numbered_again() -> None:
    def one(w: World) -> None:
        pass

    def other(w: World) -> None:
        pass

    one.__name__, other.__name__ = "a", "a 1"
    names = Scenario(World, one, one, other).task_names
    assert len(set(names)) == 3


def test_the_number_of_a_task() -> None:
    scenario = Scenario(World, task, generator.__class__ and (lambda w: None))
    assert scenario.number_of("task") == 0
    with pytest.raises(ScenarioError, match="no task is called 'nobody'; the tasks are task, task 2"):
        scenario.number_of("nobody")


def test_a_class_or_a_function_among_the_arguments_is_called_by_its_name() -> None:
    def walk(w: World, visit: object) -> None:
        pass

    assert Scenario(partial(dict, kind=World), partial(walk, visit=task)).name == "dict(kind=World)"
    assert Scenario(World, partial(walk, visit=task)).task_names == ("walk(visit=task)",)


def test_a_partial_task_with_an_object_has_the_same_name_on_every_machine() -> None:
    """No address in a name."""

    def walk(w: World, vm: object) -> None:
        pass

    (name,) = Scenario(World, partial(walk, vm=object())).task_names
    assert " at 0x" not in name


def test_a_partial_task_with_a_set_has_the_same_name_under_every_hash_seed() -> None:
    def walk(w: World, names: object) -> None:
        pass

    names = frozenset("hgfedcba")
    assert Scenario(World, partial(walk, names=names)).task_names == (
        "walk(names=frozenset({'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'}))",
    )
