"""A statement that a lock is held is an operation: the schedules in which it is wrong are found."""

from __future__ import annotations

import pytest

from kvmlab import LockError, Mutex, PercpuRwsem, Scenario, ScenarioError, explore
from kvmlab.kvm import VM
from kvmlab.primitives.assert_held import lockdep_assert_held


class World:
    def __init__(self) -> None:
        self.mutex = Mutex()
        self.rwsem = PercpuRwsem()
        self.vm = VM("vm0")


def owner(w: World) -> None:
    with w.mutex:
        lockdep_assert_held(w.mutex)


def nobody(w: World) -> None:
    lockdep_assert_held(w.mutex)


def test_only_its_owner_may_say_so_whoever_else_holds_it() -> None:
    assert explore(Scenario(World, owner, owner)).verdict == "proven"
    found = explore(Scenario(World, owner, nobody))
    assert {failure.message for failure in found.failures} == {
        "nobody raised LockError: nobody states that it holds mutex, and does not."
    }


def test_a_reader_is_a_holder() -> None:
    w = World()
    with w.rwsem.read():
        lockdep_assert_held(w.rwsem)
    with w.rwsem.write():
        lockdep_assert_held(w.rwsem)
    with pytest.raises(LockError):
        lockdep_assert_held(w.rwsem)


def test_what_is_no_lock_is_refused() -> None:
    def states_that_it_holds_a_vm(w: World) -> None:
        lockdep_assert_held(w.vm)  # type: ignore[arg-type]

    (failure,) = explore(Scenario(World, states_that_it_holds_a_vm)).failures
    assert failure.message.endswith(
        "lockdep_assert_held takes a lock, not <VM vm0>: write lockdep_assert_held(w.kvm_lock)"
    )
    with pytest.raises(ScenarioError, match="takes a lock, not None"):
        lockdep_assert_held(None)  # type: ignore[arg-type]
