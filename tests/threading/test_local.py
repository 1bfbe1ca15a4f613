"""`local`."""

from __future__ import annotations

import threading as real
from typing import Any

import pytest

from kvmlab import Scenario, Shared, explore, run, threading
from tests.threading.calls import check, in_a_task, outcome


@pytest.mark.parametrize(
    "does",
    [
        "setattr(it, 'x', 1)",
        "(setattr(it, 'x', 1), it.x)",
        "(it.__dict__, setattr(it, 'x', 1), it.__dict__)",
        "(hasattr(it, 'x'), setattr(it, 'x', 1), hasattr(it, 'x'), delattr(it, 'x'), hasattr(it, 'x'))",
        "(it.__dict__.update(x=5), it.x)",
    ],
)
def test_a_call_gives_what_the_standard_library_gives(does: str) -> None:
    check("local()", does)


@pytest.mark.parametrize("does", ["setattr(it, '__dict__', {})", "delattr(it, '__dict__')"])
def test_its_attributes_cannot_be_exchanged(does: str) -> None:
    expected = "AttributeError", "'local' object attribute '__dict__' is read-only"
    assert outcome("local()", does, real) == (expected[0], expected[1].replace("'local'", "'_thread._local'"))
    assert outcome("local()", does, threading) == expected
    assert in_a_task("local()", does) == (expected, expected)


@pytest.mark.parametrize("made", ["local(1)", "local(a=1)"])
def test_it_takes_no_arguments(made: str) -> None:
    check(made, "None")


class World:
    def __init__(self) -> None:
        self.mine = threading.local()
        self.mine.x = "the world's"
        self.cell = Shared(0)


def test_every_task_has_its_own() -> None:
    def task(w: World) -> None:
        assert not hasattr(w.mine, "x")
        w.mine.x = w.cell.load()
        w.cell.store(w.mine.x + 1)
        before = w.mine.x
        w.cell.store(7)
        assert w.mine.x == before
        del w.mine.x
        with pytest.raises(AttributeError, match="'local' object has no attribute 'x'"):
            w.mine.x  # noqa: B018
        with pytest.raises(AttributeError, match="'local' object has no attribute 'x'"):
            del w.mine.x

    def parent(w: World) -> None:
        w.mine.x = 1
        child = threading.Thread(target=task, args=(w,))
        child.start()
        child.join()
        assert w.mine.x == 1

    assert explore(Scenario(World, task, task), "traces").verdict == "proven"
    assert explore(Scenario(World, parent)).verdict == "proven"
    assert run(Scenario(World, task, parent)).verdict == "finished"


class Numbered:
    """As in the documentation of `threading.local`."""

    number: Any = 2
    __dict__: Any

    def __init__(self, /, **values: Any) -> None:
        self.__dict__.update(values)

    def squared(self) -> Any:
        return self.number**2

    @property
    def twice(self) -> Any:
        return self.number * 2


class Standard(Numbered, real.local):
    pass


class Twin(Numbered, threading.local):
    pass


@pytest.mark.parametrize("kind", [Standard, Twin])
def test_a_subclass_is_made_anew_for_every_thread(kind: Any) -> None:
    mine = kind(color="red")
    found = []

    def look() -> None:
        found.append((mine.color, mine.number, mine.squared(), mine.twice))
        mine.number = 3
        mine.color = "blue"
        found.append((mine.color, mine.number, mine.squared(), mine.twice))

    thread = real.Thread(target=look)
    thread.start()
    thread.join()
    look()
    assert found == [("red", 2, 4, 4), ("blue", 3, 9, 6)] * 2


def test_and_for_every_task() -> None:
    class Colors:
        def __init__(self) -> None:
            self.mine = Twin(color="red")
            self.cell = Shared(0)

    def task(w: Colors) -> None:
        assert (w.mine.color, w.mine.number, w.mine.squared(), w.mine.twice) == ("red", 2, 4, 4)
        w.mine.number = 3
        w.cell.store(1)
        assert (w.mine.number, w.mine.squared(), w.mine.twice) == (3, 9, 6)

    assert explore(Scenario(Colors, task, task), "traces").verdict == "proven"


def test_a_world_with_one_is_searched_by_states() -> None:
    """What each task has alone is nothing that tasks share."""

    def task(w: World) -> None:
        w.mine.x = w.cell.load()
        w.cell.store(w.mine.x + 1)

    class Subclassed:
        def __init__(self) -> None:
            self.mine = Twin(color="red")
            self.cell = Shared(0)

    for world in (World, Subclassed):
        found = explore(Scenario(world, task, task))
        assert (found.verdict, found.search) == ("proven", "states")


def test_what_its_tasks_are_given_to_make_it_with_is_shared() -> None:
    class Listed:
        def __init__(self) -> None:
            self.mine = Twin(names=[])
            self.cell = Shared(0)

    def task(w: Listed) -> None:
        w.cell.load()
        w.mine.names.append(1)

    found = explore(Scenario(Listed, task, task))
    assert found.search == "traces"
    assert "writes plain data, w.mine._kvmlab_arguments" in found.why
