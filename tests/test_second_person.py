"""Errors at the prompt are said to "you"; in a task they name it."""

from __future__ import annotations

from typing import Any

import pytest

from kvmlab import SRCU, LockError, Mutex, PercpuRwsem, Refcount, Scenario, SpinLock, explore, run
from kvmlab.errors import ForeignObject, SleepInAtomic
from kvmlab.operation import free
from kvmlab.second_person import to_you


@pytest.mark.parametrize(
    ("make", "wrong", "said"),
    [
        (Mutex, lambda lock: lock.unlock(), "you unlock Mutex without holding it: nobody holds it."),
        (SpinLock, lambda lock: lock.unlock(), "you unlock SpinLock without holding it: nobody holds it."),
        (Refcount, lambda count: [count.dec_and_test() for _ in range(2)], "you drop Refcount below 0"),
        (SRCU, lambda srcu: srcu.read_unlock(0), "you leave SRCU with index 0, but you are not a reader."),
        (PercpuRwsem, lambda sem: sem.read_unlock(), "you leave PercpuRwsem as a reader but are not inside as one."),
        (PercpuRwsem, lambda sem: sem.write_unlock(), "as the writer but do not hold it as one."),
    ],
    ids=["mutex", "spinlock", "refcount", "srcu", "reader", "writer"],
)
def test_at_the_prompt(make: Any, wrong: Any, said: str) -> None:
    with pytest.raises(Exception, match="you ") as caught:
        wrong(make())
    assert said in str(caught.value)


def test_at_the_prompt_under_a_spinlock() -> None:
    spin, mutex = SpinLock(), Mutex()
    with spin, pytest.raises(SleepInAtomic) as caught:
        mutex.lock()
    assert str(caught.value).startswith("you may sleep in lock of Mutex while you hold a spinlock (test_at_the_prompt")


def test_at_the_prompt_with_a_lock_of_a_run() -> None:
    kept: list[Mutex] = []

    class World:
        def __init__(self) -> None:
            kept.append(Mutex())

    run(Scenario(World, lambda w: None))
    with pytest.raises(
        ForeignObject, match=r"^you use a Mutex of a run \(made at __init__, test_second_person.py line"
    ):
        kept[0].lock()


def test_whoever_frees_what_is_held() -> None:
    mutex = Mutex()
    with mutex, pytest.raises(LockError, match=r"^you free Mutex while you hold it\.$"):
        free(mutex)


def test_in_a_task() -> None:
    class World:
        def __init__(self) -> None:
            self.a = Mutex()

    def lets_go(w: Any) -> None:
        w.a.unlock()

    assert "lets_go unlocks a without holding it" in str(explore(Scenario(World, lets_go)).failures[0])


def test_others_are_left_alone() -> None:
    """What is about the lock, not about who uses it."""
    assert to_you("{task} used {lock} after it was freed.") == "{task} used {lock} after it was freed."
    assert (
        to_you("{task} adds vm to {lock}, but it is on it already.")
        == "{task} add vm to {lock}, but it is on it already."
    )
