"""The list of VMs: its operations, its two kinds of walk, and what is wrong with standing on a VM that has gone."""

from __future__ import annotations

import pytest

from kvmlab import LockError, Scenario, explore, state_graph
from kvmlab.errors import UseAfterFree
from kvmlab.kvm import VM, KvmWorld, VmList, lockdep_assert_held, put

from .worlds import TwoVMs, close_vm0, close_vm1, explored, only_failure


def walk(w: KvmWorld) -> list[str]:
    return [vm.name for vm in w.vm_list.each()]


def test_new_vms_come_to_the_head() -> None:
    w = KvmWorld(vms=3)
    assert walk(w) == ["vm2", "vm1", "vm0"]
    assert [vm.name for vm in w.vm_list.each_safe()] == ["vm2", "vm1", "vm0"]
    assert w.vm_list.first() is w.vms[2]
    assert w.vm_list.next(w.vms[0]) is None


def test_empty_list_has_no_first() -> None:
    assert VmList().first() is None
    assert list(VmList().each()) == list(VmList().each_safe()) == []


def test_walk_that_has_begun_does_not_meet_a_new_vm() -> None:
    w = KvmWorld(vms=2)
    walker = w.vm_list.each()
    assert next(walker).name == "vm1"
    w.vm_list.add(VM("late"))
    assert [vm.name for vm in walker] == ["vm0"]
    assert walk(w) == ["late", "vm1", "vm0"]


def test_deleting_moves_the_neighbours_together() -> None:
    w = KvmWorld(vms=3)
    w.vm_list.delete(w.vms[1])
    assert walk(w) == ["vm2", "vm0"]
    assert w.vm_list.describe(w.vm_list.value) == {"order": ["vm2", "vm0"], "poisoned": ["vm1"], "freed": []}


def test_next_of_a_deleted_vm_is_an_error() -> None:
    w = KvmWorld(vms=2)
    w.vm_list.delete(w.vms[1])
    with pytest.raises(UseAfterFree, match=r"you read the next of vm1, but list_del\(\) has taken it off VmList\."):
        w.vm_list.next(w.vms[1])


def test_next_of_a_freed_vm_is_an_error_even_if_it_is_still_linked() -> None:
    w = KvmWorld(vms=2)
    w.vm_list.free_node(w.vms[1])
    assert w.vm_list.first() is w.vms[1], "the head still points at it"
    with pytest.raises(UseAfterFree, match="but vm1 has been freed"):
        w.vm_list.next(w.vms[1])


def test_deleting_twice_is_an_error() -> None:
    w = KvmWorld()
    w.vm_list.delete(w.vms[0])
    with pytest.raises(UseAfterFree, match="delete vm0"):
        w.vm_list.delete(w.vms[0])


def test_adding_twice_is_an_error() -> None:
    w = KvmWorld()
    with pytest.raises(LockError, match="it is on it already"):
        w.vm_list.add(w.vms[0])


def test_vm_that_comes_back_is_not_poisoned_any_more() -> None:
    w = KvmWorld(vms=2)
    before = w.vm_list.value
    w.vm_list.delete(w.vms[1])
    w.vm_list.add(w.vms[1])
    assert w.vm_list.value == before


def test_vm_that_was_never_on_the_list_has_no_next() -> None:
    with pytest.raises(LockError, match="never on"):
        VmList().next(VM("stray"))


def unlocked_walk(w: KvmWorld) -> None:
    for _ in w.vm_list.each():
        pass


def locked_walk(w: KvmWorld) -> None:
    with w.kvm_lock:
        unlocked_walk(w)


def test_walk_without_kvm_lock_reads_the_next_of_a_vm_that_has_gone() -> None:
    found = explored(TwoVMs, unlocked_walk, close_vm1)
    assert {str(failure.error) for failure in found.failures} == {
        "unlocked_walk reads the next of vm1, but list_del() has taken it off vm_list.",
        "unlocked_walk reads the next of vm1 in vm_list, but vm1 has been freed.",
    }
    assert {(failure.lock, str(failure.location)) for failure in found.failures} == {
        ("vm_list", f"unlocked_walk, test_vm_list.py line {unlocked_walk.__code__.co_firstlineno + 1}: "
                    "for _ in w.vm_list.each():")
    }  # fmt: skip


def test_walk_under_kvm_lock_is_safe() -> None:
    assert explored(TwoVMs, locked_walk, close_vm0, close_vm1).verdict == "proven"


def drop_the_lock_in_each_step(w: KvmWorld) -> None:
    w.kvm_lock.lock()
    for _ in w.vm_list.each_safe():
        w.kvm_lock.unlock()
        w.kvm_lock.lock()
    w.kvm_lock.unlock()


def test_saved_next_may_be_freed_while_the_lock_is_dropped() -> None:
    found = explored(TwoVMs, drop_the_lock_in_each_step, close_vm0)
    assert found.verdict == "failed"
    assert all("reads the next of vm0" in failure.message for failure in found.failures)


def take_myself_off(w: KvmWorld) -> None:
    with w.kvm_lock:
        for vm in w.vm_list.each_safe():
            w.vm_list.delete(vm)


def test_safe_walk_may_delete_what_it_stands_on() -> None:
    assert explored(TwoVMs, take_myself_off).verdict == "proven"


def take_myself_off_unsafely(w: KvmWorld) -> None:
    with w.kvm_lock:
        for vm in w.vm_list.each():
            w.vm_list.delete(vm)


def test_plain_walk_may_not() -> None:
    assert "reads the next of vm1, but list_del()" in only_failure(explored(TwoVMs, take_myself_off_unsafely))


def states_that_it_holds_kvm_lock(w: KvmWorld) -> None:
    lockdep_assert_held(w.kvm_lock)
    unlocked_walk(w)


def takes_it_first(w: KvmWorld) -> None:
    with w.kvm_lock:
        states_that_it_holds_kvm_lock(w)


def test_assertion_that_the_lock_is_held() -> None:
    assert explored(TwoVMs, takes_it_first, close_vm1).verdict == "proven"
    message = only_failure(explored(TwoVMs, states_that_it_holds_kvm_lock, close_vm1))
    assert "states that it holds kvm_lock, and does not." in message


def test_list_shows_names_in_a_state_graph() -> None:
    graph = state_graph(Scenario(TwoVMs, close_vm1))
    values = graph.meanings[graph.resources.index("vm_list")]
    assert values == (
        {"order": ["vm1", "vm0"], "poisoned": [], "freed": []},
        {"order": ["vm0"], "poisoned": ["vm1"], "freed": []},
        {"order": ["vm0"], "poisoned": [], "freed": ["vm1"]},
    )


def first_found(w: KvmWorld) -> None:
    with w.kvm_lock:
        vm = w.vm_list.first()
        assert vm is not None
        assert vm is w.vms[1] or vm is w.vms[0]


def test_vm_found_on_the_list_is_the_object_of_this_run() -> None:
    for by in ("states", "traces"):
        assert explore(Scenario(TwoVMs, first_found, close_vm1), by).verdict == "proven"


def test_list_works_at_the_prompt() -> None:
    w = KvmWorld(vms=2)
    put(w, w.vms[0])
    assert walk(w) == ["vm1"]
    with pytest.raises(UseAfterFree, match="you used Mutex after it was freed"):
        w.vms[0].slots_lock.lock()
