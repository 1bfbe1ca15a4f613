"""The protocol: guards and effects on values, and what every runtime checks."""

from __future__ import annotations

from typing import Any

import pytest

from kvmlab import (
    SRCU,
    Completion,
    LockError,
    Mutex,
    PercpuRwsem,
    ReaderPreferringRwsem,
    Refcount,
    Scenario,
    Shared,
    SpinLock,
    explore,
    run,
    threading,
)
from kvmlab.errors import ForeignObject, UseAfterFree, WouldBlock
from kvmlab.operation import FREE, FREED, Fault, Resource, free, names, outcome, ready
from kvmlab.primitives.mutex import LOCK, UNLOCK
from kvmlab.states import StateSpace
from kvmlab.world import Home, Key
from tests.oracles.programs import program

KINDS = [Mutex, SpinLock, PercpuRwsem, ReaderPreferringRwsem, SRCU, Refcount, Completion, Shared]


class World:
    def __init__(self) -> None:
        self.m = Mutex()
        self.cell = Shared(0)


def test_an_operation_is_a_pure_pair() -> None:
    """Guard and effect look at the value and change nothing; the same value can be asked again."""
    assert ready(LOCK, None, "a", ())
    assert outcome(LOCK, None, "a", ()) == ("a", None)
    assert not ready(LOCK, "a", "b", ())
    assert outcome(UNLOCK, "a", "a", ()) == (None, None)
    assert ready(LOCK, None, "a", ())


@pytest.mark.parametrize("kind", KINDS)
def test_every_primitive_says_in_words_what_its_operations_do(kind: type[Resource]) -> None:
    """The table of operations in the appendix is made of these."""
    assert kind.operations
    for operation in kind.operations:
        when, _, what = operation.effect_text.partition(": ")
        assert when.startswith(("always", "when ")), operation
        assert what, operation
    assert len({operation.name for operation in kind.operations}) == len(kind.operations)


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_value_is_hashable_described_and_held_by_nobody(kind: type[Resource]) -> None:
    made = kind()
    assert hash(made.value) is not None
    assert kind.held_by(made.value) == ()
    assert all(isinstance(word, str) for word in kind.describe(made.value))


@pytest.mark.parametrize(
    ("tasks", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "me", "c"], "a, it and c")]
)
def test_names_are_listed_as_in_a_sentence(tasks: list[str], text: str) -> None:
    assert names(tasks, "me") == text


@pytest.mark.parametrize("kind", [*KINDS, threading.Lock, threading.Thread])
def test_whoever_sees_a_resource_sees_its_value(kind: type[Resource], monkeypatch: pytest.MonkeyPatch) -> None:
    """In a live run others look at what a task is just making."""
    seen: list[object] = []
    enroll = Home.enroll

    def enroll_and_look(home: Home, thing: Any, maker: str) -> Key:
        key = enroll(home, thing, maker)
        seen.append(thing.held_by(thing.value))
        return key

    monkeypatch.setattr(Home, "enroll", enroll_and_look)
    Scenario(kind, lambda w: None).fresh()
    assert set(seen) == {()}


def test_a_fault_names_the_lock_and_the_task() -> None:
    error = Fault(LockError, "{task} spoils {lock}.").exception("vm.slots_lock", "walker")
    assert isinstance(error, LockError)
    assert (str(error), error.lock) == ("walker spoils vm.slots_lock.", "vm.slots_lock")


def test_a_fault_leaves_braces_in_names_alone() -> None:
    assert str(Fault(LockError, "{task}: {lock} {x} {").exception("l", "t")) == "t: l {x} {"


def test_at_the_prompt_everything_happens_at_once() -> None:
    count, cell = Refcount(), Shared("x")
    count.inc()
    assert (count.read(), cell.load()) == (2, "x")


def test_at_the_prompt_a_wait_is_an_error_that_says_where_and_what_to_do() -> None:
    with pytest.raises(WouldBlock) as caught:
        Completion().wait()
    assert str(caught.value) == (
        "wait_for_completion of Completion would wait for ever at "
        "test_at_the_prompt_a_wait_is_an_error_that_says_where_and_what_to_do, test_operation.py line "
        f"{caught.tb.tb_lineno}: Completion().wait(): nobody else is running. "
        "Put it in a task of a Scenario, where another task can end the wait."
    )


def test_a_world_that_would_wait_while_it_is_made_says_so() -> None:
    class Waits:
        def __init__(self) -> None:
            self.m = Mutex()
            self.m.lock()
            self.m.lock()

    with pytest.raises(Exception, match=r"Waits\(\) raised WouldBlock: lock of Mutex 1 would wait for ever"):
        explore(Scenario(Waits, lambda w: None))


def test_a_freed_resource_is_a_use_after_free_for_every_operation() -> None:
    def destroys(w: World) -> None:
        free(w.m)

    def uses(w: World) -> None:
        with w.m:
            pass

    found = explore(Scenario(World, destroys, uses))
    assert found.verdict == "failed"
    assert {(failure.task, failure.message) for failure in found.failures} == {
        ("uses", "uses raised UseAfterFree: uses used m after it was freed."),
        ("destroys", "destroys raised LockError: destroys frees m while uses holds it."),
    }
    assert {failure.lock for failure in found.failures} == {"m"}
    assert isinstance(found.failures[0].error, (UseAfterFree, LockError))


def test_to_free_twice_is_a_use_after_free() -> None:
    m = Mutex()
    free(m)
    assert m.value is FREED
    with pytest.raises(UseAfterFree, match="you used Mutex after it was freed"):
        free(m)


def test_a_waiter_on_a_lock_that_is_freed_gets_the_use_after_free() -> None:
    """Freeing wakes it; it does not wait for ever."""

    class Late:
        def __init__(self) -> None:
            self.done = Completion()

    def waits(w: Late) -> None:
        w.done.wait()

    def frees(w: Late) -> None:
        free(w.done)

    for found in (explore(Scenario(Late, waits, frees)), run(Scenario(Late, waits, frees))):
        assert found.verdict == "failed"
        assert found.failures[0].message == "waits raised UseAfterFree: waits used done after it was freed."


def test_freeing_while_two_readers_are_inside_names_both() -> None:
    class Read:
        def __init__(self) -> None:
            self.srcu = SRCU()

    def reads(w: Read) -> None:
        with w.srcu.read():
            pass

    def frees(w: Read) -> None:
        free(w.srcu)

    messages = {failure.message for failure in explore(Scenario(Read, reads, reads, frees)).failures}
    assert "frees raised LockError: frees frees srcu while reads 1 and reads 2 holds it." in messages
    assert FREE.effect_text


OUTSIDE = Mutex()


def test_a_lock_made_outside_the_world_is_named_with_both_lines() -> None:
    def uses(w: World) -> None:
        OUTSIDE.lock()

    for found in (
        explore(Scenario(World, uses)),
        explore(Scenario(World, uses), by="traces"),
        run(Scenario(World, uses)),
    ):
        (failure,) = found.failures
        assert isinstance(failure.error, ForeignObject)
        assert "uses uses a Mutex from outside its world (made at <module>, test_operation.py line " in failure.message
        assert "OUTSIDE = Mutex(); used at uses, test_operation.py line " in failure.message
        assert failure.message.endswith("make it in the world's __init__ and use it through the task's argument.")
        assert failure.location is not None
        assert failure.location.text == "OUTSIDE.lock()"


def test_a_lock_of_an_earlier_run_is_foreign() -> None:
    kept: list[Mutex] = []

    def keeps(w: World) -> None:
        kept.append(w.m)
        kept[0].lock()
        kept[0].unlock()

    first = run(Scenario(World, keeps))
    second = run(Scenario(World, keeps))
    assert first.verdict == "finished"
    assert "uses a Mutex from outside its world (of another run, made at" in second.failures[0].message


@pytest.mark.parametrize("first", range(50_000, 50_300, 100))
def test_what_is_said_to_read_changes_nothing_and_what_waits_says_why(first: int) -> None:
    """Every operation that random programs do, on every value that its resource takes in them."""
    for seed in range(first, first + 100):
        one = program(seed)
        space = StateSpace(one.scenario, 100_000)
        for name, tree in zip(one.scenario.task_names, space.behaviours.trees, strict=True):
            for node in tree:
                operation = node.operation
                if operation is None:
                    continue
                for value in space.behaviours.values[node.resource]:
                    if ready(operation, value, name, node.args):
                        after, result = outcome(operation, value, name, node.args)
                        assert hash(after) is not None
                        assert (after, result) == outcome(operation, value, name, node.args), "the same every time"
                        if operation.reads(result) or isinstance(result, Fault):
                            assert after == value or "refcount" in operation.name, (operation, one)
                    else:
                        assert operation.why(value, name, *node.args), (operation, one)
                        assert isinstance(operation.waits_for(value, name, *node.args), tuple)
