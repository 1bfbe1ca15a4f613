"""The life of a VM against the list: count 0 while still on it, and a last put that takes locks."""

from __future__ import annotations

from functools import partial

import pytest

from kvmlab import Completion, LockError, Scenario, explore, replay, run
from kvmlab.errors import RefcountError, UseAfterFree
from kvmlab.kvm import (
    VM,
    KvmWorld,
    cpu_hotplug,
    create_vm,
    destroy_vm,
    get,
    get_safe,
    put,
    set_memory_region,
    vcpu_run,
)

from .worlds import NoVM, TwoReferences, TwoVMs, close_vm0, close_vm1, explored, only_failure


def dying_vm_on_the_list(w: KvmWorld) -> None:
    with w.kvm_lock:
        vm = w.vm_list.first()
        assert vm is None or vm.users_count.read() > 0, "on the list with count 0"


def test_vm_on_the_list_may_have_count_0() -> None:
    assert "on the list with count 0" in only_failure(explored(KvmWorld, dying_vm_on_the_list, close_vm0))


def get_from_the_list(w: KvmWorld) -> None:
    with w.kvm_lock:
        vm = w.vm_list.first()
        if vm:
            get(vm)
    if vm:
        put(w, vm)


def get_safe_from_the_list(w: KvmWorld) -> None:
    with w.kvm_lock:
        vm = w.vm_list.first()
        got = vm is not None and get_safe(vm)
    if vm and got:
        put(w, vm)


def test_get_of_a_dying_vm_is_an_error() -> None:
    message = only_failure(explored(KvmWorld, get_from_the_list, close_vm0))
    assert "raises vm0.users_count from 0" in message


def test_get_safe_of_a_dying_vm_refuses() -> None:
    assert explored(KvmWorld, get_safe_from_the_list, close_vm0).verdict == "proven"


def put_under(lock: str, w: KvmWorld) -> None:
    with getattr(w, lock):
        put(w, w.vms[0])


put_under_kvm_lock = partial(put_under, "kvm_lock")


def test_last_put_under_kvm_lock_deadlocks_with_itself() -> None:
    found = explored(KvmWorld, put_under_kvm_lock)
    (deadlock,) = found.deadlocks
    assert deadlock.waits == (("put_under('kvm_lock')", "kvm_lock", ("put_under('kvm_lock')",)),)
    (line,) = deadlock.lines.values()
    assert (line.text, line.via) == ("put(w, w.vms[0])", ("put", "destroy_vm", "uevent_notify_change"))


def test_put_that_is_never_the_last_is_silent_under_kvm_lock() -> None:
    assert explored(TwoReferences, put_under_kvm_lock).verdict == "proven"


def test_put_that_may_be_the_last_deadlocks_only_in_the_schedules_in_which_it_is() -> None:
    found = explored(TwoReferences, put_under_kvm_lock, close_vm0)
    assert found.verdict == "deadlock"
    assert found.deadlocked is not None
    assert found.schedules is not None
    assert 0 < found.deadlocked < found.schedules


def put_under_its_slots_lock(w: KvmWorld) -> None:
    with w.vms[0].slots_lock:
        put(w, w.vms[0])


def test_put_under_the_slots_lock_of_the_vm_frees_a_lock_that_is_held() -> None:
    message = only_failure(explored(KvmWorld, put_under_its_slots_lock))
    assert "frees vm0.slots_lock while put_under_its_slots_lock holds it" in message


def put_inside_its_reader(w: KvmWorld) -> None:
    with w.vms[0].srcu.read():
        put(w, w.vms[0])


def test_put_inside_a_reader_of_the_vm_frees_a_domain_that_is_read() -> None:
    assert "frees vm0.srcu while put_inside_its_reader holds it" in only_failure(
        explored(KvmWorld, put_inside_its_reader)
    )


def put_under_cpus_read_lock(w: KvmWorld) -> None:
    with w.cpu_hotplug_lock.read():
        put(w, w.vms[0])


def test_put_under_cpus_read_lock_is_silent_until_a_writer_comes() -> None:
    assert explored(KvmWorld, put_under_cpus_read_lock).verdict == "proven"
    found = explored(KvmWorld, put_under_cpus_read_lock, cpu_hotplug)
    assert found.verdict == "deadlock"
    assert {wait.resource for wait in found.deadlocks[0].waits} == {"cpu_hotplug_lock"}


def use_without_a_reference(w: KvmWorld) -> None:
    with w.vms[0].slots_lock:
        pass


def test_use_after_free_names_lock_task_and_line() -> None:
    found = explored(KvmWorld, use_without_a_reference, close_vm0)
    (failure,) = (failure for failure in found.failures if failure.task == "use_without_a_reference")
    assert failure.lock == "vm0.slots_lock"
    assert failure.message == (
        "use_without_a_reference raised UseAfterFree: use_without_a_reference used vm0.slots_lock after it was freed."
    )
    line = use_without_a_reference.__code__.co_firstlineno + 1
    assert str(failure.location) == f"use_without_a_reference, test_lifetime.py line {line}: with w.vms[0].slots_lock:"


def test_vm_destroyed_while_another_task_holds_its_lock_is_an_error() -> None:
    found = explored(KvmWorld, use_without_a_reference, close_vm0)
    assert any(
        failure.task.startswith("close_vm_fd") and "while use_without_a_reference holds it" in failure.message
        for failure in found.failures
    )


@pytest.mark.parametrize("path", [set_memory_region, vcpu_run])
def test_path_needs_a_reference_to_its_vm(path: object) -> None:
    assert callable(path)
    assert explored(KvmWorld, path, close_vm0).verdict == "failed"


def vcpu_with_its_own_reference(w: KvmWorld) -> None:
    vcpu_run(w)
    put(w, w.vms[0])


def test_vcpu_that_owns_a_reference_and_a_close_are_safe() -> None:
    assert explored(TwoReferences, vcpu_with_its_own_reference, close_vm0, cpu_hotplug).verdict == "proven"


def test_either_of_two_puts_may_destroy() -> None:
    assert explored(TwoReferences, partial(close_vm0), partial(close_vm0)).verdict == "proven"


def test_one_put_too_many_is_an_error() -> None:
    found = explored(KvmWorld, close_vm0, partial(close_vm0))
    assert any("drops vm0.users_count below 0" in failure.message for failure in found.failures)


def count_vms(w: KvmWorld) -> None:
    with w.kvm_lock:
        assert w.kvm_active_vms.load() <= 2


def destroyed_all(w: KvmWorld) -> None:
    close_vm0(w)
    close_vm1(w)
    assert (w.kvm_createvm_count.load(), w.kvm_active_vms.load()) == (2, 0)
    assert not w.preempt_notifier_key.is_on()


def test_counters_come_back_to_0() -> None:
    assert explored(TwoVMs, destroyed_all, count_vms).verdict == "proven"


class Counting(KvmWorld):
    def __init__(self) -> None:
        super().__init__(vms=2)
        self.done = Completion()


def count_one_less(w: Counting) -> None:
    w.kvm_active_vms.store(w.kvm_active_vms.load() - 1)
    w.done.complete()


def count_one_less_under_kvm_lock(w: Counting) -> None:
    with w.kvm_lock:
        count_one_less(w)


def none_left(w: Counting) -> None:
    w.done.wait()
    w.done.wait()
    assert w.kvm_active_vms.load() == 0, "an update was lost"


def test_counter_without_kvm_lock_loses_an_update() -> None:
    assert "an update was lost" in only_failure(explored(Counting, count_one_less, count_one_less, none_left))
    under = count_one_less_under_kvm_lock
    assert explored(Counting, under, under, none_left).verdict == "proven"


def create(w: KvmWorld) -> None:
    create_vm(w, "fresh")


def walk_pinned(w: KvmWorld) -> None:
    with w.kvm_lock:
        found = [vm for vm in w.vm_list.each() if get_safe(vm)]
    for vm in found:
        put(w, vm)


def test_vm_made_by_a_task_sends_the_search_to_traces() -> None:
    found = explored(NoVM, create, walk_pinned, by=None)
    assert (found.verdict, found.search) == ("proven", "traces")
    assert "create makes an object that other tasks use" in found.why


def put_what_is_found(w: KvmWorld) -> None:
    with w.kvm_lock:
        vm = w.vm_list.first()
    if vm:
        put(w, vm)
        with vm.slots_lock:
            pass


def test_vm_made_by_a_task_has_names() -> None:
    found = explored(NoVM, create, put_what_is_found, by=None)
    assert any("put_what_is_found used fresh.slots_lock after it was freed." in one.message for one in found.failures)


def create_and_put(w: KvmWorld) -> None:
    put(w, create_vm(w, "short-lived"))


def test_vm_made_and_dropped_by_one_task_is_met_by_states() -> None:
    assert explored(NoVM, create_and_put, cpu_hotplug).verdict == "proven"


def test_verdicts_are_the_same_by_traces() -> None:
    for tasks in [(get_from_the_list, close_vm0), (get_safe_from_the_list, close_vm0), (put_under_kvm_lock,)]:
        scenario = Scenario(KvmWorld, *tasks)
        states, traces = explore(scenario, "states"), explore(scenario, "traces")
        assert states.verdict == traces.verdict
        assert [f.message for f in states.failures] == [f.message for f in traces.failures]


def test_counterexample_replays() -> None:
    scenario = Scenario(KvmWorld, get_from_the_list, close_vm0)
    (failure,) = explore(scenario).failures
    assert replay(scenario, failure.replay).failures[0].message == failure.message


def test_live_run_comes_to_its_end() -> None:
    assert run(Scenario(TwoVMs, get_safe_from_the_list, close_vm0, close_vm1)).verdict == "finished"
    assert run(Scenario(KvmWorld, put_under_kvm_lock)).verdict == "deadlock"


def test_life_at_the_prompt() -> None:
    w = KvmWorld()
    vm = w.vms[0]
    get(vm)
    put(w, vm)
    assert w.vm_list.first() is vm
    put(w, vm)
    assert w.vm_list.first() is None
    with pytest.raises(UseAfterFree):
        get(vm)
    with pytest.raises(UseAfterFree):
        destroy_vm(w, vm)


def test_vm_with_a_reader_is_not_freed() -> None:
    vm = VM("vm")
    vm.srcu.read_lock()
    with pytest.raises(LockError, match="while you hold it"):
        vm.cleanup_srcu()


def test_get_from_0_at_the_prompt() -> None:
    vm = VM("vm")
    assert vm.users_count.dec_and_test()
    assert not get_safe(vm)
    with pytest.raises(RefcountError):
        get(vm)
