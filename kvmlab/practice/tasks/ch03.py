"""Chapter 3, kvm_lock and the list of VMs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kvmlab.kvm import VM, KvmWorld, NewcomerWorld, VmList, close_vm_fd, cpu_hotplug, open_vm
from kvmlab.kvm import put as put_vm
from kvmlab.practice.bench import Bench
from kvmlab.practice.ending import Unmet
from kvmlab.practice.judges import arranged, choice, names
from kvmlab.practice.task import Task, answer, function
from kvmlab.practice.worlds import Registry
from kvmlab.primitives import Mutex, Shared
from kvmlab.scenario import Scenario

Body = Callable[[Any], object]
Put = Callable[[Any, VM], object]


class Machine:
    """The world of ``03.put``: some VMs, each with the reference of its file.

    Args:
        vms: how many.
    """

    def __init__(self, vms: int = 1) -> None:
        self.kvm_lock = Mutex()
        self.vm_list = VmList()
        self.vms = [VM(f"vm{number}") for number in range(vms)]
        for vm in self.vms:
            self.vm_list.add(vm)


LINES = {
    "a": "w.vm_list.free_node(vm)",
    "b": "w.kvm_lock.lock()",
    "c": "vm.free()",
    "d": "w.vm_list.delete(vm)",
    "e": "if not vm.users_count.dec_and_test(): return",
    "f": "w.kvm_lock.unlock()",
    "g": "vm.cleanup_srcu()",
}
"""The lines of ``03.put``."""


def last_put(bench: Bench, put: Put) -> None:
    """The last put takes the VM off the list under the lock, and frees it; any other put only lowers the count."""

    def machine(vms: int, *tasks: Body) -> Scenario:
        return Scenario(partial(Machine, vms), *tasks, name="Machine")

    def close(w: Machine) -> None:
        put(w, w.vms[0])

    def visit(w: Machine) -> None:
        with w.kvm_lock:
            vm = w.vm_list.first()
            pinned = vm is not None and vm.users_count.inc_not_zero()
        if vm and pinned:
            with vm.slots_lock:
                pass
            put(w, vm)

    def pin_and_put(w: Machine) -> None:
        w.vms[0].users_count.inc()
        put(w, w.vms[0])

    def count(w: Machine) -> None:
        with w.kvm_lock:
            for _ in w.vm_list.each():
                pass

    def gone(w: Machine) -> None:
        if any(vm.name == "vm0" for vm in w.vm_list.each()):
            raise Unmet("kept", "Every reference has been put, and `vm0` is still on the list.")

    def kept(w: Machine) -> None:
        if w.vms[0].users_count.read() != 1 or w.vm_list.first() is not w.vms[0]:
            raise Unmet("lost", "The file still has its reference, and `vm0` has been given up.")

    bench.prove("a put that is not the last", machine(1, pin_and_put), ends=kept)
    bench.prove("the last put", machine(1, close), ends=gone)
    bench.prove("the last put, beside a walker who pins the VM", machine(1, close, visit), ends=gone)
    bench.prove("the last put, beside a walker who stands on the VM", machine(2, close, count), ends=gone)


def report(bench: Bench, report: Body) -> None:
    """One report is sent, of one moment, with no lock held."""

    def open_one(w: Registry) -> None:
        with w.kvm_lock:
            w.vm_list.add(w.newcomer)
            w.active.store(w.active.load() + 1)

    def close_one(w: Registry) -> None:
        with w.kvm_lock:
            w.vm_list.delete(w.vms[0])
            w.active.store(w.active.load() - 1)
        w.vm_list.free_node(w.vms[0])

    def after_an_opening(w: Registry) -> None:
        open_one(w)
        report(w)

    def once(*moments: str) -> Callable[[Registry], None]:
        def ends(w: Registry) -> None:
            sent, listed = w.sent.load(), w.report.load()
            if sent != 1:
                raise Unmet(f"sent {sent}", f"{sent or 'No'} reports have been sent. Send one.")
            if listed not in [tuple(moment.split()) for moment in moments]:
                said = ", ".join(f"`{name}`" for name in listed) or "no VM"
                raise Unmet(f"names {listed}", f"The report names {said}. At no moment were just these on the list.")

        return ends

    def registry(*others: Body) -> Callable[[], Scenario]:
        return lambda: Scenario(Registry, report, *others, name="Registry")

    before, more, less, other = "vm0 vm1", "vm0 vm1 vm2", "vm1", "vm1 vm2"
    bench.prove("one report, and nobody else", registry(), ends=once(before))
    bench.prove(
        "one report, and a VM has come before",
        lambda: Scenario(Registry, after_an_opening, name="Registry"), ends=once(more),
    )  # fmt: skip
    bench.prove("one report, and a VM comes meanwhile", registry(open_one), ends=once(before, more))
    bench.prove("one report, and a VM goes meanwhile", registry(close_one), ends=once(before, less))
    bench.prove(
        "one report, and one VM comes and one goes", registry(open_one, close_one),
        ends=once(before, more, less, other),
    )  # fmt: skip


class Searched(KvmWorld):
    """The world of ``03.find``: it notes what has been found and used."""

    def __init__(self, vms: int = 2) -> None:
        super().__init__(vms)
        self.used = Shared(None)


class SearchedDying(Searched):
    """The same, and somebody has just made the last put of ``vm0``: it is on the list, and will be destroyed."""

    def __init__(self, vms: int = 2) -> None:
        super().__init__(vms)
        self.vms[0].users_count.dec_and_test()


class SearchedNewcomer(NewcomerWorld):
    """The same with a VM that comes while somebody searches."""

    def __init__(self, vms: int = 1) -> None:
        super().__init__(vms)
        self.used = Shared(None)


def find(bench: Bench, find: Callable[[Any, str], Any]) -> None:
    """A VM that is found stays; one that lives all the time is found; nothing is held and no reference is left over."""

    def uses(name: str) -> Body:
        def looks_for(w: Searched) -> None:
            vm = find(w, name)
            if vm is None:
                return
            if not isinstance(vm, VM):
                raise Unmet("no VM", f"`find` returned {type(vm).__name__}: {vm!r}. Return the VM, or None.")
            if vm.name != name:
                raise Unmet("another", f"`find` was asked for `{name}` and returned `{vm.name}`.")
            with vm.slots_lock:
                w.used.store(name)
            put_vm(w, vm)

        looks_for.__name__ = f"looks_for_{name}"
        return looks_for

    def ends(w: Searched, *, used: str | None, closed: tuple[int, ...] = (), maybe: bool = False) -> None:
        found = w.used.load()
        if found != used and not (maybe and found is None):
            raise Unmet(f"found {found}", f"`{used}` was on the list all the time, and `find` did not find it.")
        for number, vm in enumerate(w.vms):
            listed = any(one is vm for one in w.vm_list.each())
            if number in closed and listed:
                raise Unmet(
                    f"kept {vm.name}", f"`{vm.name}` was closed and is still on the list: somebody has it pinned."
                )
            if number in closed:
                continue
            if not listed:
                raise Unmet(
                    f"gone {vm.name}",
                    f"`{vm.name}` has been destroyed, and its file is open: somebody has put a reference that was "
                    "not theirs.",
                )
            count = vm.users_count.read()
            if count != 1:
                raise Unmet(
                    f"leak {vm.name}",
                    f"`{vm.name}` has {count} references at the end, and one of them is its file's.",
                )

    def host(name: str, *others: Body, world: Callable[[], Any] = Searched) -> Callable[[], Scenario]:
        return lambda: Scenario(world, uses(name), *others, name="KvmWorld(2)")

    def closes(vm: int) -> Body:
        return partial(close_vm_fd, vm=vm)

    rule = "kvm_lock"
    for name in ("vm1", "vm0"):
        bench.prove(f"`{name}` of two VMs, and nobody else", host(name), ends=partial(ends, used=name), rule=rule)
    bench.prove("`vm7`, which is not there", host("vm7"), ends=partial(ends, used=None), rule=rule)
    bench.stop()
    bench.prove("`vm0`, which is dying", host("vm0", world=SearchedDying), rule=rule)
    bench.prove(
        "`vm0`, which is closed meanwhile", host("vm0", closes(0)),
        ends=partial(ends, used="vm0", closed=(0,), maybe=True), rule=rule,
    )  # fmt: skip
    bench.prove(
        "`vm0`, and `vm1` before it is closed meanwhile", host("vm0", closes(1)),
        ends=partial(ends, used="vm0", closed=(1,)), rule=rule,
    )  # fmt: skip
    bench.prove(
        "`vm0`, and `vm1` before it is closed while a CPU comes or goes", host("vm0", closes(1), cpu_hotplug),
        ends=partial(ends, used="vm0", closed=(1,)), rule=rule,
    )  # fmt: skip
    bench.prove(
        "`vm0`, and another VM comes meanwhile", host("vm0", open_vm, world=SearchedNewcomer),
        ends=partial(ends, used="vm0"), rule=rule,
    )  # fmt: skip


TASKS = (
    Task(
        "03.count",
        "Read it twice",
        "predict",
        ("M1", "M11"),
        (answer("second"), answer("second_because")),
        choice(("a", "b", "c", "d"), "d", reasons=("1", "2", "3", "4"), because="3"),
        "`kvm_lock` guards the list. A count is changed by whoever has a reference, without that lock, and it can come "
        "to 0 while the VM is on the list and you look at it.",
        (
            "Who may call `kvm_get_kvm()` or `kvm_put_kvm()` while you hold `kvm_lock`? Do these take it?",
            "A `kvm_put_kvm()` that drops a reference takes no lock. Only after the last one does the destruction ask "
            "for `kvm_lock`.",
            "The count may go up, go down, and go down to 0. From there it stays, and the VM waits on the list for you "
            "to let go of `kvm_lock`.",
        ),
    ),
    Task(
        "03.puts",
        "Where may it be put?",
        "find",
        ("M2", "M5", "M7"),
        (answer("can_go_wrong"),),
        names(set("bcdf"), what="function that can go wrong", among="abcdefg"),
        "Each of the four puts with a lock held: `kvm_lock` itself, a mutex that somebody takes inside it, `kvm_lock` "
        "got by trying, a spinlock. What the last put needs, none of them can know.",
        (
            "In which of them is a lock held at the line with `put`? A `with` counts, and so does a `trylock` that "
            "worked.",
            "Say that each put is the last one, so it takes `kvm_lock`, twice. Which lock is held, and who takes that "
            "lock inside `kvm_lock`?",
            "Three of the seven put with no lock held. If you doubt one, explore it: "
            "`explore(Scenario(PutHost, c, close_vm_fd, set_irqs))`.",
        ),
        points=2,
    ),
    Task(
        "03.put",
        "The last put, in order",
        "order",
        ("M1", "M11"),
        (answer("order"),),
        arranged(LINES, "def put(w, vm):", last_put, given={}, all_first=True),
        "The count goes down first, and without the lock. Only the last one goes on: off the list under the lock, then "
        "freed, when nobody can find it any more.",
        (
            "One line may end the function. What must not be held there?",
            "Which line changes the list? That one needs `kvm_lock`, and the others do not.",
            "It begins with e: lower the count, and stop unless it was the last. Then b, d, f. The rest gives memory "
            "back.",
        ),
        points=2,
    ),
    Task(
        "03.report",
        "A report of one moment",
        "fix",
        ("M1", "M5", "M10"),
        (function("report"),),
        report,
        "List and number are copied in one hold of `kvm_lock`, so they belong to one moment. The report is sent with "
        "no lock held, so it may wait for what it likes.",
        (
            "`send` may take `kvm_lock`. Where must it be called?",
            "Two things are guarded by `kvm_lock` here: the list and the number. Do they still belong together if you "
            "let go of the lock between them?",
            "Inside one `with w.kvm_lock:` make a list of the names and ask for the number. After it, send them.",
        ),
        points=2,
    ),
    Task(
        "03.find",
        "Find a VM by its name",
        "build",
        ("M11",),
        (function("find", "w", "name"),),
        find,
        "You look and pin in one hold of `kvm_lock`, so the VM cannot be freed in between. You ask when you pin, since "
        "a VM on the list may be dying. And the pin goes to your caller, who puts it.",
        (
            "The caller gets the VM when you have let go of `kvm_lock`. What keeps the VM then?",
            "`get_safe(vm)` pins a VM and says whether it could. While you hold `kvm_lock` no VM is freed: ask there.",
            "`with w.kvm_lock:` and in it `for vm in w.vm_list.each():`. If the name is right and `get_safe(vm)` says "
            "yes, return `vm`; a `return` inside a `with` lets go of the lock. After the loop, return None.",
        ),
        points=3,
    ),
)
