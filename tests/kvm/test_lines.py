"""Which line an operation is shown at, when functions of the simulated KVM are in between."""

from __future__ import annotations

from functools import partial

from kvmlab import Scenario, replay
from kvmlab.kvm import VM, KvmWorld, cpufreq_notifier_chain, put, set_nx_huge_pages, visit_snapshot
from kvmlab.location import Location
from kvmlab.verdict import place

from .worlds import TwoVMs, WithFlag, explored


def lines(world: object, task: object, moves: int) -> list[Location]:
    return [step.location for step in replay(Scenario(world, task), f"1x{moves}").schedule]  # type: ignore[arg-type]


def put_vm0(w: KvmWorld) -> None:
    put(w, w.vms[0])


def test_readers_line_and_the_functions_in_between() -> None:
    at = lines(KvmWorld, put_vm0, 2)
    assert [(line.function, line.text, line.via) for line in at] == [
        ("put_vm0", "put(w, w.vms[0])", ("put",)),
        ("put_vm0", "put(w, w.vms[0])", ("put", "destroy_vm", "uevent_notify_change")),
    ]
    assert place(at[1]).endswith(": put(w, w.vms[0]) [put > destroy_vm > uevent_notify_change]")


def test_line_of_a_path_when_the_path_is_the_task() -> None:
    at = lines(KvmWorld, set_nx_huge_pages, 3)
    assert [(line.function, line.file, line.text, line.via) for line in at] == [
        ("set_nx_huge_pages", "walks.py", "with w.kvm_lock:", ()),
        ("set_nx_huge_pages", "walks.py", "for vm in w.vm_list.each():", ("each", "first")),
        ("set_nx_huge_pages", "walks.py", "zap_all(vm)", ("zap_all",)),
    ]


def test_line_of_a_path_that_calls_a_callback_of_the_simulated_kvm() -> None:
    (*_, line) = lines(KvmWorld, cpufreq_notifier_chain, 4)
    assert (line.text, line.via) == ("w.cpufreq_chain.call(w)", ("call", "kvmclock_cpufreq_notifier"))


def no_work(vm: VM) -> None:
    pass


def visits(w: KvmWorld) -> None:
    visit_snapshot(w, no_work)


def test_a_comprehension_is_no_function_in_between() -> None:
    """Python 3.11 runs its code as a function, later versions do not."""
    pins = lines(KvmWorld, visits, 3)[-1]
    assert (pins.function, pins.via[:2]) == ("visits", ("visit_snapshot", "get_safe"))
    pins = lines(KvmWorld, partial(visit_snapshot, work=no_work), 3)[-1]
    assert (pins.function, pins.via[:1]) == ("visit_snapshot", ("get_safe",))


def callback(w: WithFlag) -> None:
    w.flag.store(True)


class Registered(WithFlag):
    def __init__(self) -> None:
        super().__init__()
        self.cpufreq_chain.register(callback)


def notify(w: Registered) -> None:
    w.cpufreq_chain.call(w)


def test_line_of_a_readers_callback() -> None:
    line = lines(Registered, notify, 6)[-1]
    assert (line.function, line.text, line.via) == ("callback", "w.flag.store(True)", ())


def walk_unlocked(w: KvmWorld) -> None:
    for vm in w.vm_list.each():
        w.vm_list.delete(vm)


def test_error_inside_the_simulated_kvm_is_shown_at_the_readers_line() -> None:
    (failure,) = explored(TwoVMs, walk_unlocked).failures
    assert failure.location is not None
    assert (failure.location.text, failure.location.via) == ("for vm in w.vm_list.each():", ("each", "next"))
