"""Chapter 9, pin, drop, lock, put."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kvmlab.kvm import (
    close_vm_fd,
    cpu_hotplug,
    cpufreq_notifier,
    get_safe,
    put,
    set_memory_region,
    set_nx_huge_pages,
    vcpu_run,
)
from kvmlab.operation import perform
from kvmlab.practice.bench import Bench
from kvmlab.practice.ending import Unmet
from kvmlab.practice.judges import arranged, choice, names, reaches
from kvmlab.practice.task import Task, answer, function
from kvmlab.practice.worlds import LOOK_ZAPPED, NxHost
from kvmlab.scenario import Scenario
from kvmlab.stepper import State

Body = Callable[[Any], object]


def closes(vm: int) -> Body:
    """User space closes the file of VM `vm`."""
    return partial(close_vm_fd, vm=vm)


def all_zapped(w: NxHost, closed: tuple[int, ...] = ()) -> None:
    """Every VM that stays has been zapped and has its one reference; the others are gone."""
    problems = {}
    zapped = perform(w.zapped, LOOK_ZAPPED)  # not by a method, which a reader may have replaced
    for number, vm in enumerate(w.vms):
        name = vm.name
        if number in closed:
            if any(one is vm for one in w.vm_list.each()):
                problems[f"kept {name}"] = (
                    f"`{name}` was closed and is still on the list: somebody has not put what it got."
                )
        elif name not in zapped:
            problems[f"skipped {name}"] = (
                f"`{name}` was on the list all the time and has not been zapped. The parameter switches a mitigation: "
                "a VM that is skipped is a hole."
            )
        elif vm.users_count.read() != 1:
            problems[f"leak {name}"] = (
                f"`{name}` has {vm.users_count.read()} references at the end, and one of them is its file's. A "
                "reference that nobody puts keeps the VM for ever."
            )
    if problems:
        raise Unmet(", ".join(problems), next(iter(problems.values())))


def walk(bench: Bench, walk: Body) -> None:
    """The walk visits every VM, keeps to the rule, and never touches a VM that may be gone."""

    class Host(NxHost):
        """A class of this check's own: whatever a walk does to it is gone with it."""

    def host(vms: int, *others: Body) -> Callable[[], Scenario]:
        return lambda: Scenario(partial(Host, vms), walk, *others, name="NxHost")

    rule = "kvm_lock"
    bench.prove("two VMs, and nobody else", host(2), ends=all_zapped, rule=rule)
    for vm in (0, 1):
        bench.prove(
            f"two VMs, and `vm{vm}` is closed meanwhile", host(2, closes(vm)), ends=partial(all_zapped, closed=(vm,)),
            rule=rule,
        )  # fmt: skip
    bench.prove("one VM, whose memory changes meanwhile", host(1, set_memory_region), ends=all_zapped, rule=rule)
    bench.prove(
        "one VM, which is closed while a CPU comes or goes", host(1, closes(0), cpu_hotplug),
        ends=partial(all_zapped, closed=(0,)), rule=rule,
    )  # fmt: skip
    bench.prove("one VM, beside the walk as it is today", host(1, set_nx_huge_pages), ends=all_zapped)
    bench.prove(
        "two VMs, and `vm1` is closed beside the walk as it is today", host(2, closes(1), set_nx_huge_pages),
        ends=partial(all_zapped, closed=(1,)),
    )  # fmt: skip
    circle = (set_memory_region, cpufreq_notifier, vcpu_run, cpu_hotplug)
    bench.prove("one VM, and the four other tasks of the circle", host(1, *circle), rule=rule)


def visit_first(w: NxHost) -> None:
    """The rule applied to one VM."""
    w.kvm_lock.lock()
    vm = w.vm_list.first()
    alive = vm is not None and get_safe(vm)
    w.kvm_lock.unlock()
    if vm and alive:
        with vm.slots_lock:
            w.zap(vm)
        put(w, vm)


def dying() -> Scenario:
    """A walk and a closer of the same VM, to be stepped."""
    return Scenario(partial(NxHost, 1), visit_first, closes(0), name="NxHost")


def still_listed(state: State) -> str | None:
    """Nobody refers to the VM, it is on the list, and the visitor is about to ask for it."""
    count = state.locks["vm0.users_count"]
    if state.tasks["close_vm_fd(vm=0)"].startswith("next: refcount_dec"):
        return "`close_vm_fd` has not put its reference yet: the VM is alive."
    if count == "freed" or state.locks["vm_list"] != "order vm0":
        return "`vm0` is no longer on the list, so no walk can meet it."
    if count != "count 0":
        return "`visit_first` has taken a reference, so the VM is alive."
    if state.tasks["visit_first"] != "next: refcount_inc_not_zero(vm0.users_count)":
        return f"The VM is dying and on the list. `visit_first` is not asking for it; {state.tasks['visit_first']}."
    return None


def first_only(bench: Bench, visit: Body) -> None:
    """The VM at the head is zapped, with the rule kept, while it may be closed."""

    def host(*others: Body) -> Scenario:
        return Scenario(partial(NxHost, 1), visit, *others, name="NxHost")

    bench.prove("one VM, and nobody else", host(), ends=all_zapped, rule="kvm_lock")
    bench.prove(
        "one VM, which is closed meanwhile", host(closes(0)), ends=partial(all_zapped, closed=(0,)), rule="kvm_lock"
    )


LINES = {
    "a": "alive = get_safe(vm)",
    "b": "w.kvm_lock.lock()",
    "c": "if alive: put(w, vm)",
    "d": "if alive: w.zap(vm)",
    "e": "if alive: vm.slots_lock.lock()",
    "f": "vm = w.vm_list.first()",
    "g": "w.kvm_lock.unlock()",
    "h": "if vm is None: return w.kvm_lock.unlock()",
    "i": "if alive: vm.slots_lock.unlock()",
}
"""The lines of ``09.order``."""

TASKS = (
    Task(
        "09.last",
        "Who destroys the VM?",
        "predict",
        ("M11",),
        (answer("who"), answer("who_because")),
        choice(("a", "b", "c", "d"), "b", reasons=("1", "2", "3", "4"), because="3"),
        "The walk's reference was the last one. Whoever drops the last one destroys the VM there and then, in its own "
        "task, with whatever it holds.",
        (
            "Two references: one is the file's, one is the walk's. Write down the count after each step.",
            "`put` drops one and looks whether it was the last. Nobody else is told.",
            "The file's reference goes first and the count is 1 then. So the walk's `put` takes it to 0.",
        ),
    ),
    Task(
        "09.dying",
        "On the list with nobody left",
        "step",
        ("M11",),
        (answer("stepper"),),
        reaches(dying, still_listed),
        "That is the state in which a plain `get` raises a count from 0. `get_safe` refuses, and the visitor "
        "leaves the VM alone.",
        (
            "Which task takes the last reference away? Let it move, and look at `vm0.users_count`.",
            "Between the last put and `list_del` the closer takes `kvm_lock`. Who else can have it in between?",
            "Let the closer drop its reference (one move). Then let `visit_first` take `kvm_lock` and read the head of "
            "the list.",
        ),
    ),
    Task(
        "09.order",
        "Pin, drop, lock, put, in order",
        "order",
        ("M5", "M11"),
        (answer("order"),),
        arranged(LINES, "def visit(w):", first_only, given={"get_safe": get_safe, "put": put}),
        "What needs the list happens under `kvm_lock`. What may wait happens after it, with the pin held. And the put "
        "comes last, with no lock held.",
        (
            "Sort the lines: which need `kvm_lock`, which need `slots_lock`, and which need neither?",
            "You pin a VM that you have found, and you may look for it only under `kvm_lock`. The put may destroy the "
            "VM and everything in it.",
            "It begins with b, f, h, a, g: lock, find, give up if there is none, pin, drop.",
        ),
        points=2,
    ),
    Task(
        "09.walk",
        "The walk of set_nx_huge_pages",
        "fix",
        ("M5", "M11"),
        (function("walk"),),
        walk,
        "Each VM is pinned under `kvm_lock`, so it stays; `kvm_lock` is dropped before `slots_lock` is taken, so "
        "nothing waits inside it; and every reference is put with no lock held, so the last one may destroy the VM.",
        (
            "Four steps for each VM: pin it, drop `kvm_lock`, take `slots_lock` and do the work, put. Which of them "
            "need `kvm_lock`?",
            "To find the next VM you need `kvm_lock` and a VM that is still on the list. So keep the pin on this one "
            "until you have read its `next`, and put it after you have dropped `kvm_lock` again.",
            "Remember the VM before in `prev`. In the loop: `if not get_safe(vm): continue`; unlock; `put` the VM in "
            "`prev` if there is one; lock `vm.slots_lock`, `zap`, unlock it; `prev = vm`; lock `kvm_lock`. After the "
            "loop: unlock, and put the last one.",
        ),
        points=4,
    ),
    Task(
        "09.review",
        "Review the first patch",
        "review",
        ("M5", "M11"),
        (answer("faulty_lines"),),
        names({3, 4, 9}, what="line with a fault", among=range(1, 11)),
        "Line 4 raises the count of a VM that may have none left. Line 9 may drop the last reference, and destroys the "
        "VM with `kvm_lock` held. And line 3 reads `next` from a VM whose reference line 9 has just dropped.",
        (
            "Three lines are at fault. For each line ask: what if the VM is closed right before it?",
            "One fault is about a VM that is dying when you meet it, one about the last reference, and one about what "
            "the loop itself does between two turns.",
            "`get` is for those who own a reference already; `put` may be the last; and the head of the loop reads "
            "`next` from the VM before.",
        ),
        points=2,
    ),
)
