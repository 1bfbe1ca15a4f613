"""Walks with no lock held: what each promises while VMs come, go and move, what it costs, and that it is proven."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kvmlab import Completion, LockError, Scenario, explore, run
from kvmlab.errors import UseAfterFree
from kvmlab.kvm import (
    VM,
    KvmWorld,
    NewcomerWorld,
    SrcuKvmWorld,
    close_vm_fd,
    close_vm_fd_srcu,
    cpu_hotplug,
    cpu_online,
    cpufreq_notifier,
    get_safe,
    mmu_shrink_scan,
    open_vm,
    put_srcu,
    set_memory_region,
    vcpu_run,
    visit_prev,
    visit_restart,
    visit_snapshot,
    visit_srcu,
    zap_all,
)
from kvmlab.kvm.lifetime import free_vm
from kvmlab.verdict import Exploration

from .worlds import close_vm0, explored, only_failure

Task = Callable[[Any], object]
Walk = Callable[[Any, Callable[[VM], object]], None]

PINNING: list[Walk] = [visit_prev, visit_snapshot, visit_restart]
EVERY: list[Walk] = [*PINNING, visit_srcu]


def world_of(walk: Walk, vms: int = 2) -> Callable[[], KvmWorld]:
    """A world for `walk`, with a VM that has not come yet and a completion for when the walk has begun."""
    base = SrcuKvmWorld if walk is visit_srcu else KvmWorld

    class World(base):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            super().__init__(vms)
            self.newcomer = VM("newcomer")
            self.begun = Completion()

    return World


def closer_of(walk: Walk, vm: int) -> Task:
    """A task that closes the file of a VM, in the world of `walk`."""
    close = close_vm_fd_srcu if walk is visit_srcu else close_vm_fd

    def closer(w: Any) -> None:
        close(w, vm)

    return closer


def zapping(walk: Walk) -> Task:
    """A task that zaps all VMs."""

    def zap(w: Any) -> None:
        walk(w, zap_all)

    return zap


def visiting(walk: Walk, *stay: str) -> Task:
    """A task that claims to have met all who `stay`, and nobody twice."""

    def visit(w: Any) -> None:
        met: list[str] = []
        walk(w, lambda vm: met.append(vm.name))
        assert set(stay) <= set(met), "missed"
        assert len(set(met)) == len(met), "twice"

    return visit


def complaints(found: Exploration) -> set[str]:
    """What the assertions that failed say; pytest adds lines of its own."""
    assert not found.deadlocks
    return {str(failure.error).splitlines()[0] for failure in found.failures}


@pytest.mark.parametrize("walk", EVERY)
def test_walk_meets_who_stays_and_nobody_twice_while_vms_come_and_go(walk: Walk) -> None:
    found = explored(world_of(walk), visiting(walk, "vm0"), closer_of(walk, 1), open_vm)
    assert found.verdict == "proven"


@pytest.mark.parametrize("walk", EVERY)
def test_walk_survives_the_end_of_all_vms(walk: Walk) -> None:
    closers = [closer_of(walk, vm) for vm in (0, 1)]
    assert explored(world_of(walk), zapping(walk), *closers).verdict == "proven"


@pytest.mark.parametrize("walk", EVERY)
def test_walk_lets_go_of_every_vm(walk: Walk) -> None:
    closers = [closer_of(walk, vm) for vm in (0, 1)]

    def walk_and_close(w: Any) -> None:
        walk(w, zap_all)
        for close in closers:
            close(w)
        assert w.vm_list.first() is None, "a VM has leaked"

    assert explored(world_of(walk), walk_and_close).verdict == "proven"


def open_once_begun(w: Any) -> None:
    w.begun.wait()
    open_vm(w)


@pytest.mark.parametrize("walk", EVERY)
def test_only_a_restart_visits_who_comes_later(walk: Walk) -> None:
    def visit(w: Any) -> None:
        met: list[str] = []

        def work(vm: VM) -> None:
            if not met:
                w.begun.complete()
            met.append(vm.name)

        walk(w, work)
        assert "newcomer" not in met, "visited"

    assert complaints(explored(world_of(walk), visit, open_once_begun)) == (
        {"visited"} if walk is visit_restart else set()
    )


@pytest.mark.parametrize("walk", EVERY)
def test_vm_that_is_moved_is_missed_or_met_twice_by_a_walk_that_stands_on_it(walk: Walk) -> None:
    found = explored(world_of(walk), visiting(walk, "vm0", "vm1"), mmu_shrink_scan)
    assert complaints(found) == ({"missed", "twice"} if walk in (visit_prev, visit_srcu) else set())


@pytest.mark.parametrize("walk", EVERY)
@pytest.mark.parametrize("rest", [(cpufreq_notifier, cpu_hotplug), (cpu_online,)], ids=["a writer waits", "CPU online"])
def test_walk_is_no_edge_of_the_circle(walk: Walk, rest: tuple[Task, ...]) -> None:
    found = explored(world_of(walk), zapping(walk), set_memory_region, vcpu_run, *rest)
    assert found.verdict == "proven"


@pytest.mark.parametrize("walk", EVERY)
def test_circle_stays_broken_while_a_vm_goes(walk: Walk) -> None:
    scenario = Scenario(world_of(walk), zapping(walk), set_memory_region, vcpu_run, cpu_online, closer_of(walk, 1))
    assert explore(scenario).verdict == "proven"


@pytest.mark.parametrize("walk", EVERY)
def test_both_searches_prove_the_walk(walk: Walk) -> None:
    for by in ("states", "traces"):
        assert explored(world_of(walk), zapping(walk), closer_of(walk, 1), by=by).verdict == "proven"


@pytest.mark.parametrize("vms", [0, 1, 2, 5])
def test_costs(vms: int) -> None:
    def cost(walk: Walk) -> tuple[int, int, int]:
        steps = run(Scenario(world_of(walk, vms), zapping(walk))).schedule
        return (
            sum((step.operation, step.resource) == ("lock", "kvm_lock") for step in steps),
            sum(step.operation.startswith("refcount") for step in steps),
            sum(step.operation.startswith("list") for step in steps),
        )

    assert cost(visit_prev) == (vms + 1, 2 * vms, vms + 1)
    assert cost(visit_snapshot) == (1, 2 * vms, vms + 1)
    assert cost(visit_restart) == (vms + 1, 2 * vms, vms + 1 + vms * (vms + 1) // 2)
    assert cost(visit_srcu) == (0, 0, vms + 1)


def test_walk_meets_the_last_comer_first() -> None:
    met: list[str] = []
    visit_prev(KvmWorld(vms=3), lambda vm: met.append(vm.name))
    assert met == ["vm2", "vm1", "vm0"]


def test_newcomer_is_not_on_the_list_until_it_is_opened() -> None:
    w = NewcomerWorld(vms=1)
    assert [vm.name for vm in w.vm_list.each()] == ["vm0"]
    open_vm(w)
    assert [vm.name for vm in w.vm_list.each()] == ["newcomer", "vm0"]


def test_shrinker_moves_the_first_vm_to_the_tail() -> None:
    w = KvmWorld(vms=3)
    mmu_shrink_scan(w)
    assert [vm.name for vm in w.vm_list.each()] == ["vm1", "vm0", "vm2"]
    mmu_shrink_scan(KvmWorld(vms=0))


def test_vm_that_was_taken_off_cannot_be_moved() -> None:
    w = KvmWorld(vms=2)
    close_vm0(w)
    with pytest.raises(UseAfterFree, match=r"moves? vm0"):
        w.vm_list.move_tail(w.vms[0])


def put_inside_the_walk(w: SrcuKvmWorld) -> None:
    def work(vm: VM) -> None:
        if get_safe(vm):
            put_srcu(w, vm)

    visit_srcu(w, work)


def test_put_inside_a_walk_of_the_srcu_list_waits_for_itself() -> None:
    found = explored(SrcuKvmWorld, put_inside_the_walk, close_vm_fd_srcu)
    assert {deadlock.cycle for deadlock in found.deadlocks} == {("put_inside_the_walk", "put_inside_the_walk")}


def close_without_waiting(w: SrcuKvmWorld) -> None:
    if w.vms[0].users_count.dec_and_test():
        with w.kvm_lock:
            w.vm_list.delete(w.vms[0])
        free_vm(w, w.vms[0])


def close_and_unlink_late(w: SrcuKvmWorld) -> None:
    if w.vms[0].users_count.dec_and_test():
        w.vm_list_srcu.synchronize()
        with w.kvm_lock:
            w.vm_list.delete(w.vms[0])
        free_vm(w, w.vms[0])


@pytest.mark.parametrize("close", [close_without_waiting, close_and_unlink_late])
def test_srcu_list_needs_the_grace_period_after_the_unlinking(close: Task) -> None:
    found = explored(SrcuKvmWorld, zapping(visit_srcu), close)
    assert found.verdict == "failed"
    assert any(isinstance(failure.error, UseAfterFree) for failure in found.failures)


def test_reader_goes_on_from_a_vm_that_was_taken_off() -> None:
    w = SrcuKvmWorld(vms=3)
    walk = w.vm_list.each()
    assert next(walk).name == "vm2"
    w.vm_list.delete(w.vms[2])
    w.vm_list.delete(w.vms[1])
    assert [vm.name for vm in walk] == ["vm1", "vm0"], "vm1 was next when vm2 was taken off"
    assert [vm.name for vm in w.vm_list.each()] == ["vm0"]


def test_freed_vm_of_the_srcu_list_has_no_next() -> None:
    w = SrcuKvmWorld(vms=2)
    put_srcu(w, w.vms[1])
    with pytest.raises(UseAfterFree, match=r"reads? the next of vm1"):
        w.vm_list.next(w.vms[1])
    with pytest.raises(UseAfterFree, match=r"deletes? vm1"):
        w.vm_list.delete(w.vms[1])


def test_vm_that_comes_back_to_the_srcu_list_has_its_new_next() -> None:
    w = SrcuKvmWorld(vms=2)
    w.vm_list.delete(w.vms[0])
    w.vm_list.add(w.vms[0])
    assert [vm.name for vm in w.vm_list.each()] == ["vm0", "vm1"]
    assert type(w.vm_list).describe(w.vm_list.value) == {"order": ["vm0", "vm1"], "freed": [], "after": {}}
    w.vm_list.delete(w.vms[0])
    assert w.vm_list.next(w.vms[0]) is w.vms[1]


def test_reader_that_stands_on_a_vm_that_comes_back_goes_on_from_its_new_place() -> None:
    w = SrcuKvmWorld(vms=2)
    walk = w.vm_list.each()
    assert [next(walk).name, next(walk).name] == ["vm1", "vm0"]
    w.vm_list.delete(w.vms[0])
    w.vm_list.add(w.vms[0])
    assert [vm.name for vm in walk] == ["vm1"], "met twice"


def test_vm_on_the_srcu_list_cannot_be_added_again() -> None:
    w = SrcuKvmWorld()
    with pytest.raises(LockError, match="it is on it already"):
        w.vm_list.add(w.vms[0])


def test_reader_that_stands_on_a_vm_of_the_srcu_list_that_is_moved_has_nothing_before_it() -> None:
    w = SrcuKvmWorld(vms=3)
    walk = w.vm_list.each()
    assert next(walk).name == "vm2"
    w.vm_list.move_tail(w.vms[2])
    assert list(walk) == []
    assert [vm.name for vm in w.vm_list.each()] == ["vm1", "vm0", "vm2"]


def moves_after_deleting(w: SrcuKvmWorld) -> None:
    w.vm_list.delete(w.vms[0])
    w.vm_list.move_tail(w.vms[0])


def moves_after_closing(w: SrcuKvmWorld) -> None:
    close_vm_fd_srcu(w)
    w.vm_list.move_tail(w.vms[0])


def moves_a_stranger(w: SrcuKvmWorld) -> None:
    w.vm_list.move_tail(VM("stray"))


@pytest.mark.parametrize(
    ("task", "complaint"),
    [
        (moves_after_deleting, "moves vm0, but list_del() has taken it off vm_list."),
        (moves_after_closing, "moves vm0 in vm_list, but vm0 has been freed."),
        (moves_a_stranger, "moves stray, but it was never on vm_list."),
    ],
)
def test_vm_that_is_not_on_the_srcu_list_cannot_be_moved(task: Task, complaint: str) -> None:
    assert only_failure(explored(SrcuKvmWorld, task)).endswith(complaint)


def test_srcu_list_is_described_by_names() -> None:
    w = SrcuKvmWorld(vms=2)
    w.vm_list.delete(w.vms[1])
    assert type(w.vm_list).describe(w.vm_list.value) == {"order": ["vm0"], "freed": [], "after": {"vm1": "vm0"}}
