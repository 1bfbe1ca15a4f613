"""Static keys: which locks which step takes."""

from __future__ import annotations

import pytest

from kvmlab import PercpuRwsem, Scenario, explore, replay
from kvmlab.errors import RefcountError
from kvmlab.kvm import KvmWorld, cpu_hotplug, lockdep_assert_held

from .worlds import NoVM, explored, only_failure


class KeyIsOn(KvmWorld):
    def __init__(self) -> None:
        super().__init__(vms=0)
        self.apic_hw_disabled.slow_inc()


def inc(w: KvmWorld) -> None:
    w.apic_hw_disabled.slow_inc()


def dec(w: KvmWorld) -> None:
    w.apic_hw_disabled.slow_dec()


def dec_deferred(w: KvmWorld) -> None:
    w.apic_hw_disabled.slow_dec_deferred()


def worker(w: KvmWorld) -> None:
    w.apic_hw_disabled.run_deferred_work()


def operations(world: object, task: object) -> list[str]:
    """What `task` alone does, as ``operation(resource)``."""
    scenario = Scenario(world, task)  # type: ignore[arg-type]
    moves = "1"
    while (done := replay(scenario, moves)).verdict == "not finished":
        moves += "-1"
    return [f"{step.operation}({step.resource})" for step in done.schedule]


def test_step_from_0_to_1_takes_both_locks() -> None:
    assert operations(NoVM, inc) == [
        "read_lock(cpu_hotplug_lock)",
        "static_key_slow_inc(apic_hw_disabled)",
        "lock(jump_label_mutex)",
        "static_key_slow_inc (patch)(apic_hw_disabled)",
        "unlock(jump_label_mutex)",
        "read_unlock(cpu_hotplug_lock)",
    ]


def test_every_other_step_takes_the_hotplug_lock_all_the_same() -> None:
    assert operations(KeyIsOn, inc) == [
        "read_lock(cpu_hotplug_lock)",
        "static_key_slow_inc(apic_hw_disabled)",
        "read_unlock(cpu_hotplug_lock)",
    ]


def test_deferred_decrement_takes_no_lock() -> None:
    assert operations(KeyIsOn, dec_deferred) == [
        "static_key_slow_dec(apic_hw_disabled)",
        "complete(apic_hw_disabled.work)",
    ]


def inc_then_dec_deferred(w: KvmWorld) -> None:
    inc(w)
    dec_deferred(w)


def test_deferred_decrement_that_stays_above_0_leaves_nothing_to_the_worker() -> None:
    assert operations(KeyIsOn, inc_then_dec_deferred)[-1] == "static_key_slow_dec(apic_hw_disabled)"


def test_worker_takes_the_hotplug_lock() -> None:
    found = explored(KeyIsOn, dec_deferred, worker, cpu_hotplug)
    assert found.verdict == "proven"
    assert "read_lock(cpu_hotplug_lock)" in operations(KeyIsOn, dec)


def inc_twice_at_once(w: KvmWorld) -> None:
    inc(w)
    assert w.apic_hw_disabled.is_on()


def test_two_first_increments_at_once_are_both_counted() -> None:
    def ends(w: KvmWorld) -> None:
        inc(w)
        dec(w)

    assert explored(NoVM, ends, ends, cpu_hotplug).verdict == "proven"
    assert explored(NoVM, inc_twice_at_once, inc_twice_at_once).verdict == "proven"


def test_decrement_below_0_is_an_error() -> None:
    w = KvmWorld(vms=0)
    with pytest.raises(RefcountError, match="below 0"):
        w.apic_hw_disabled.slow_dec()
    with pytest.raises(RefcountError, match="below 0"):
        w.preempt_notifier_key.slow_dec_deferred()


def both_dec(w: KvmWorld) -> None:
    dec(w)


def test_one_decrement_too_many_is_found_in_either_step() -> None:
    found = explored(KeyIsOn, dec, both_dec)
    assert found.verdict == "failed"
    assert {str(failure.error) for failure in found.failures} == {
        "dec drops apic_hw_disabled below 0: one decrement too many.",
        "both_dec drops apic_hw_disabled below 0: one decrement too many.",
    }


def inc_in_reader(w: KvmWorld) -> None:
    with w.cpu_hotplug_lock.read():
        w.apic_hw_disabled.slow_inc()


def inc_cpuslocked(w: KvmWorld) -> None:
    with w.cpu_hotplug_lock.read():
        lockdep_assert_held(w.cpu_hotplug_lock)
        w.apic_hw_disabled.slow_inc_cpuslocked()


def inc_cpuslocked_by_the_writer(w: KvmWorld) -> None:
    with w.cpu_hotplug_lock.write():
        w.apic_hw_disabled.slow_inc_cpuslocked()


def inc_by_the_writer(w: KvmWorld) -> None:
    with w.cpu_hotplug_lock.write():
        w.apic_hw_disabled.slow_inc()


def test_plain_increment_under_the_hotplug_lock_reads_twice() -> None:
    assert explored(NoVM, inc_in_reader).verdict == "proven", "silent as long as no writer comes"
    assert explored(NoVM, inc_in_reader, cpu_hotplug).verdict == "deadlock"


def test_plain_increment_by_the_writer_waits_for_itself() -> None:
    (deadlock,) = explored(NoVM, inc_by_the_writer).deadlocks
    assert deadlock.cycle == ("inc_by_the_writer", "inc_by_the_writer")


def test_cpuslocked_increment_is_for_those_who_hold_it() -> None:
    assert explored(NoVM, inc_cpuslocked, inc_cpuslocked_by_the_writer, cpu_hotplug).verdict == "proven"


def inc_without_the_lock(w: KvmWorld) -> None:
    lockdep_assert_held(w.cpu_hotplug_lock)
    w.apic_hw_disabled.slow_inc_cpuslocked()


def test_cpuslocked_increment_without_the_lock_is_found_by_an_assertion() -> None:
    assert "does not" in only_failure(explored(NoVM, inc_without_the_lock))


def inc_under_jump_label_mutex(w: KvmWorld) -> None:
    with w.jump_label_mutex:
        w.preempt_notifier_key.slow_inc()


def test_one_mutex_for_all_keys() -> None:
    found = explored(NoVM, inc_under_jump_label_mutex)
    assert found.deadlocks[0].cycle == ("inc_under_jump_label_mutex", "inc_under_jump_label_mutex")


def test_hotplug_lock_of_a_key_is_the_machines() -> None:
    w = KvmWorld(vms=0)
    assert isinstance(w.cpu_hotplug_lock, PercpuRwsem)
    assert w.apic_hw_disabled.cpu_hotplug_lock is w.preempt_notifier_key.cpu_hotplug_lock is w.cpu_hotplug_lock


def test_verdicts_are_the_same_by_traces() -> None:
    for tasks in [(inc_in_reader, cpu_hotplug), (inc_cpuslocked, cpu_hotplug)]:
        scenario = Scenario(NoVM, *tasks)
        assert explore(scenario, "states").verdict == explore(scenario, "traces").verdict
