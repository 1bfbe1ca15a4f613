"""The first patch's three faults, each found by itself, and the walk done right, proven."""

from __future__ import annotations

from functools import partial

import pytest

from kvmlab.kvm import (
    KvmWorld,
    close_vm_fd,
    cpu_hotplug,
    cpufreq_notifier,
    get_safe,
    put,
    set_nx_huge_pages,
    set_nx_huge_pages_fixed,
    set_nx_huge_pages_rfc,
    zap_all,
)

from .worlds import TwoVMs, close_vm0, close_vm1, explored


def rfc_with_get_safe(w: KvmWorld) -> None:
    """The second fault repaired; the put is still under kvm_lock."""
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        if not get_safe(vm):
            continue
        w.kvm_lock.unlock()
        zap_all(vm)
        w.kvm_lock.lock()
        put(w, vm)
    w.kvm_lock.unlock()


def rfc_with_early_put(w: KvmWorld) -> None:
    """The third repaired as well, by a put before the lock is taken again; so the walk goes on from a VM it let go."""
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        if not get_safe(vm):
            continue
        w.kvm_lock.unlock()
        zap_all(vm)
        put(w, vm)
        w.kvm_lock.lock()
    w.kvm_lock.unlock()


def rfc_with_saved_next(w: KvmWorld) -> None:
    """The first repaired by list_for_each_entry_safe(): the saved next may go while the lock is dropped."""
    w.kvm_lock.lock()
    for vm in w.vm_list.each_safe():
        if not get_safe(vm):
            continue
        w.kvm_lock.unlock()
        zap_all(vm)
        put(w, vm)
        w.kvm_lock.lock()
    w.kvm_lock.unlock()


def fixed_without_the_last_put(w: KvmWorld) -> None:
    """The prev walk, but the pin on the last VM is forgotten."""
    prev = None
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        if not get_safe(vm):
            continue
        w.kvm_lock.unlock()
        if prev:
            put(w, prev)
        zap_all(vm)
        prev = vm
        w.kvm_lock.lock()
    w.kvm_lock.unlock()


def test_first_fault_next_is_read_from_a_vm_that_was_let_go() -> None:
    found = explored(TwoVMs, rfc_with_early_put, close_vm1)
    assert found.verdict == "failed"
    assert {str(failure.error) for failure in found.failures} == {
        "rfc_with_early_put reads the next of vm1, but list_del() has taken it off vm_list.",
        "rfc_with_early_put reads the next of vm1 in vm_list, but vm1 has been freed.",
    }
    assert {failure.lock for failure in found.failures} == {"vm_list"}


def test_first_fault_is_not_cured_by_a_saved_next() -> None:
    found = explored(TwoVMs, rfc_with_saved_next, close_vm0)
    assert found.verdict == "failed"
    assert all("reads the next of vm0" in failure.message for failure in found.failures)
    assert explored(TwoVMs, rfc_with_saved_next, close_vm1).verdict == "proven", "the VM it stands on may go"


@pytest.mark.parametrize("close", [close_vm0, close_vm1])
def test_second_fault_get_of_a_vm_with_count_0(close: object) -> None:
    assert callable(close)
    (failure,) = explored(TwoVMs, set_nx_huge_pages_rfc, close).failures
    assert "RefcountError" in failure.message
    assert failure.location is not None
    assert failure.location.text == "get(vm)"


@pytest.mark.parametrize("walk", [set_nx_huge_pages_rfc, rfc_with_get_safe])
@pytest.mark.parametrize("close", [close_vm0, close_vm1])
def test_third_fault_last_put_under_kvm_lock(walk: object, close: object) -> None:
    assert callable(walk)
    assert callable(close)
    found = explored(TwoVMs, walk, close)
    assert found.verdict == "deadlock"
    (deadlock,) = found.deadlocks
    name = getattr(walk, "__name__", "")
    assert deadlock.waits == ((name, "kvm_lock", (name,)),)
    assert deadlock.lines[name].text == "put(w, vm)"
    assert len(found.failures) == (walk is set_nx_huge_pages_rfc), (
        "the second fault, and never the first: this is met before"
    )


def test_first_patch_is_right_as_long_as_no_vm_goes() -> None:
    assert explored(TwoVMs, set_nx_huge_pages_rfc, cpufreq_notifier, cpu_hotplug).verdict == "proven"


@pytest.mark.parametrize(
    "others",
    [
        pytest.param((close_vm0,), id="the second goes"),
        pytest.param((close_vm1,), id="the first goes"),
        pytest.param((close_vm0, close_vm1), id="both go"),
        pytest.param((close_vm0, close_vm1, cpu_hotplug), id="both go, and a CPU"),
        pytest.param((close_vm1, set_nx_huge_pages_fixed), id="two walks at once"),
        pytest.param((close_vm0, set_nx_huge_pages), id="beside the old walk"),
    ],
)
def test_walk_done_right_is_proven_while_vms_go(others: tuple[object, ...]) -> None:
    assert explored(TwoVMs, set_nx_huge_pages_fixed, *others).verdict == "proven"  # type: ignore[arg-type]


def test_old_walk_is_right_about_lifetimes() -> None:
    assert explored(TwoVMs, set_nx_huge_pages, close_vm0, close_vm1).verdict == "proven"


def everything_is_gone(w: KvmWorld) -> None:
    fixed_without_the_last_put(w)
    close_vm_fd(w, 0)
    close_vm_fd(w, 1)
    assert w.vm_list.first() is None, "a VM has leaked"


def everything_is_gone_after_the_right_walk(w: KvmWorld) -> None:
    set_nx_huge_pages_fixed(w)
    close_vm_fd(w, 0)
    close_vm_fd(w, 1)
    assert w.vm_list.first() is None


def test_forgotten_last_put_leaks_the_vm() -> None:
    assert explored(TwoVMs, everything_is_gone).verdict == "failed"
    assert explored(TwoVMs, everything_is_gone_after_the_right_walk).verdict == "proven"


def visits(w: KvmWorld) -> None:
    """Every VM that stays is visited once."""
    seen = []
    w.kvm_lock.lock()
    prev = None
    for vm in w.vm_list.each():
        if not get_safe(vm):
            continue
        w.kvm_lock.unlock()
        if prev:
            put(w, prev)
        seen.append(vm.name)
        prev = vm
        w.kvm_lock.lock()
    w.kvm_lock.unlock()
    if prev:
        put(w, prev)
    assert seen.count("vm0") == 1
    assert seen.count("vm1") <= 1


def test_walk_done_right_meets_every_vm_that_stays() -> None:
    assert explored(partial(KvmWorld, vms=2), visits, close_vm1).verdict == "proven"


@pytest.mark.parametrize("walk", [set_nx_huge_pages_rfc, rfc_with_early_put, set_nx_huge_pages_fixed])
def test_both_searches_find_the_same(walk: object) -> None:
    assert callable(walk)
    states, traces = (explored(TwoVMs, walk, close_vm1, by=by) for by in ("states", "traces"))
    assert states.verdict == traces.verdict
    assert {one.waits for one in states.deadlocks} == {one.waits for one in traces.deadlocks}
    assert {one.message for one in states.failures} == {one.message for one in traces.failures}
