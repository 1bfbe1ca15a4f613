"""Chapter 6, the circle, built edge by edge."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

from kvmlab.controlled import Fiber
from kvmlab.practice.bench import Bench
from kvmlab.practice.ending import Unmet
from kvmlab.practice.holdings import Holdings
from kvmlab.practice.judges import arranged, choice, names, reaches
from kvmlab.practice.task import Task, answer, class_, function
from kvmlab.practice.worlds import Keyed, TwoVMs
from kvmlab.primitives import SRCU, Mutex, PercpuRwsem
from kvmlab.scenario import Scenario
from kvmlab.stepper import State

Body = Callable[[Any], object]

FITS = {"cpu_offline", "cpu_online"}
CANDIDATES = (*FITS, "count_cpus", "second_vcpu", "statistics", "shrink", "resize")
"""The fifth tasks of ``06.fifth``: those that fit, and all."""


def set_memory(w: TwoVMs) -> None:
    """Changes the memory of VM 1."""
    with w.vms[1].slots_lock:
        w.vms[1].srcu.synchronize()


def walk(w: TwoVMs) -> None:
    """Visits both VMs."""
    with w.kvm_lock:
        for vm in w.vms:
            with vm.slots_lock:
                pass


def notifier(w: TwoVMs) -> None:
    """A CPU's frequency has changed."""
    with w.cpu_hotplug_lock.read(), w.kvm_lock:
        pass


def vcpu(w: TwoVMs) -> None:
    """Runs VM 1, and raises a static key."""
    with w.vms[1].srcu.read(), w.cpu_hotplug_lock.read():
        pass


def cpu_online(w: TwoVMs) -> None:
    """Brings a CPU up, and takes `kvm_lock` on the way."""
    with w.cpu_hotplug_lock.write(), w.kvm_lock:
        pass


def host() -> Scenario:
    """The five tasks of ``06.inside``."""
    return Scenario(TwoVMs, set_memory, walk, notifier, vcpu, cpu_online)


def all_wait_for_a_writer_inside(state: State) -> str | None:
    """All five wait, and `cpu_online` has the hotplug lock."""
    waiting = [task for task, said in state.tasks.items() if said.startswith("waits")]
    if state.kind == "done":
        return "Every task has come to its end: nobody waits."
    if state.tasks["notifier"].startswith("waits for kvm_lock"):
        return "The notifier is inside `cpu_hotplug_lock`, so `cpu_online` cannot be: it has to wait at the door."
    if state.kind != "dead" and not state.deadlocked:
        return f"Here {len(waiting)} of the five wait, and from here no schedule deadlocks any more."
    if state.kind != "dead":
        return f"Here {len(waiting)} of the five wait, and the others can still move."
    if len(waiting) < len(state.tasks):
        return f"A deadlock it is, but of {len(waiting)}. Not all five wait."
    return None


class Seen:
    """Notes on what the tasks operate.

    Attributes:
        resources: by name, what kind of thing it is.
        edges: what a task asks for while it holds something: the kind that it holds, and the operation.
        operations: the names of all.
    """

    def __init__(self) -> None:
        self.resources: dict[str, type] = {}
        self.edges: set[str] = set()
        self.operations: set[str] = set()
        self._holdings = Holdings()

    def asks(self, fiber: Fiber) -> None:
        """Note what `fiber` asks for, and what it holds meanwhile."""
        self.resources[fiber.resource.label] = type(fiber.resource)
        self.operations.add(fiber.operation.name)
        asked = fiber.resource.label
        for lock, kind in self._holdings.of(fiber).items():
            if lock != asked:
                self.edges.add(f"{kind.__name__} to {fiber.operation.name}")

    def got(self, fiber: Fiber, result: Any) -> None:
        """Note what `fiber` holds now."""
        self._holdings.got(fiber, result)


ONE_EACH = {Mutex: "`Mutex`", SRCU: "`SRCU`", PercpuRwsem: "`PercpuRwsem`"}


def loop(bench: Bench, small: Callable[[], Any], *tasks: Body) -> None:
    """A circle of four tasks through one mutex, one SRCU domain and one per-CPU semaphore."""
    numbered = dict(enumerate(tasks, 1))
    for chosen in combinations(numbered, 3):
        (absent,) = set(numbered) - set(chosen)
        bench.prove(
            f"three tasks, without the {('first', 'second', 'third', 'fourth')[absent - 1]}",
            partial(Scenario, small, *(numbered[number] for number in chosen)),
        )
    bench.stop()
    seen = Seen()
    found = bench.look("all four", lambda: Scenario(small, *tasks), watch=seen)
    bench.stop()
    assert found is not None
    kinds = list(seen.resources.values())
    strange = next((name for name, kind in seen.resources.items() if kind not in ONE_EACH), None)
    bench.expect(
        strange is None,
        f"strange {seen.resources[strange].__name__ if strange else ''}",
        f"The tasks use `{strange}`, which is no mutex, no SRCU domain and no per-CPU semaphore.",
    )
    for kind, name in ONE_EACH.items():
        count = kinds.count(kind)
        bench.expect(count == 1, f"{kind.__name__} {count}", f"The tasks use {count or 'no'} {name}; they need one.")
    bench.stop()
    bench.expect(not found.failures, "failed", "A task fails, which is no deadlock: tasks only take locks here.")
    bench.stop()
    most = max((len(one.waits) for one in found.deadlocks), default=0)
    code = f"no deadlock; {sorted(seen.edges)}; {'write_lock' in seen.operations}"
    bench.expect(most, code, "The four never deadlock: there is no schedule in which nobody can move.")
    bench.expect(most in (0, 4), f"waits {most}", f"A deadlock it is, but only {most} of the four wait in it.")


def key(bench: Bench, visit: Body) -> None:
    """The vCPU uses slots that are there, counts itself while CPUs stay, and waits inside of nothing."""
    bench.prove("the vCPU alone", lambda: Scenario(Keyed, visit), ends=visited)
    bench.prove("the slots change meanwhile", lambda: Scenario(Keyed, visit, replace_slots), ends=visited)
    bench.prove("a CPU comes or goes meanwhile", lambda: Scenario(Keyed, visit, rewrite_code), ends=visited)
    circle = (update, nx, notify, hotplug)
    bench.prove("the four other tasks of the circle", lambda: Scenario(Keyed, visit, *circle))


def visited(w: Keyed) -> None:
    """The vCPU has used the slots and is counted."""
    if not w.used.load():
        raise Unmet("unused", "The vCPU has not used the slots.")
    if w.key.load() != 1:
        raise Unmet("uncounted", f"The key counts {w.key.load()} vCPUs, not one.")


def replace_slots(w: Keyed) -> None:
    """Publishes new slots, and frees the old ones after a grace period."""
    with w.slots_lock:
        w.slots.store("new")
        w.srcu.synchronize()
        w.freed["old"].store(True)


def update(w: Keyed) -> None:
    """The same, as far as the circle needs it."""
    with w.slots_lock:
        w.srcu.synchronize()


def nx(w: Keyed) -> None:
    """The walk over a list of one VM."""
    with w.kvm_lock, w.slots_lock:
        pass


def notify(w: Keyed) -> None:
    """A CPU's frequency has changed."""
    with w.cpu_hotplug_lock.read(), w.kvm_lock:
        pass


def hotplug(w: Keyed) -> None:
    """A CPU comes or goes, as far as the circle needs it."""
    with w.cpu_hotplug_lock.write():
        pass


def rewrite_code(w: Keyed) -> None:
    """A CPU comes or goes: the key must not change meanwhile."""
    with w.cpu_hotplug_lock.write():
        before = w.key.load()
        if before != w.key.load():
            raise Unmet("key changes", "The key has changed while a CPU came or went.")


LINES = {
    "a": "w.cpu_hotplug_lock.read_lock()",
    "b": "w.srcu.read_unlock(index)",
    "c": "w.key.store(w.key.load() + 1)",
    "d": "index = w.srcu.read_lock()",
    "e": "w.use(w.slots.load())",
    "f": "w.cpu_hotplug_lock.read_unlock()",
}
"""The lines of ``06.key``."""

TASKS = (
    Task(
        "06.late",
        "A reader who comes late",
        "predict",
        ("M9",),
        (answer("still"), answer("still_because")),
        choice(("a", "b", "c"), "c", reasons=("1", "2", "3", "4"), because="2"),
        "The grace period was begun before the vCPU came, so it does not wait for it. The edge from `set_memory` to "
        "`vcpu` is missing, and without it the circle is open.",
        (
            "Which of the five waits of the circle has to do with `srcu`? Who would have to wait there for whom?",
            "A grace period begins with a look at who is inside. New readers then stand on the other side.",
            "`set_memory` waits for those who were inside at its second move. The vCPU was not, so `set_memory` can "
            "always go on.",
        ),
    ),
    Task(
        "06.fifth",
        "The fifth task",
        "find",
        ("M4", "M5"),
        (answer("the_fifth"),),
        names(FITS, what="task that leads to this report", among=CANDIDATES),
        "Somebody must keep a new reader out of `cpu_hotplug_lock` while an old one is inside. A writer who waits "
        "does, whatever it held before and whatever it would do later.",
        (
            "For three of the four the report itself says who keeps them waiting. Whose wait is not explained?",
            "`vcpu` wants to read, and the only one inside is a reader. What makes a reader wait for a reader?",
            "A writer that waits. Three of the seven write. One of these needs, on its way there, something that "
            "somebody in the report holds.",
        ),
        points=2,
    ),
    Task(
        "06.inside",
        "Not at the door, but inside",
        "step",
        ("M4",),
        (answer("stepper"),),
        reaches(host, all_wait_for_a_writer_inside),
        "This time the writer has got its lock: it was there before the notifier. It keeps both readers out, and "
        "waits for `kvm_lock` itself. So a circle can close behind a writer who is inside, too.",
        (
            "Begin with the end: who must hold what, so that each of the five finds its lock taken?",
            "The vCPU must be inside `srcu` before the grace period begins; `walk` must have `kvm_lock` before "
            "`cpu_online` asks for it. And who must not be a reader when `cpu_online` wants to write?",
            "The writer needs two moves to get in. Let `set_memory` take its mutex, `walk` go on until it waits, the "
            "vCPU enter `srcu`, the grace period begin. Then `cpu_online` twice, and then the two readers.",
        ),
        points=2,
    ),
    Task(
        "06.key",
        "One after the other",
        "order",
        ("M1", "M4"),
        (answer("order"),),
        arranged(LINES, "def visit(w):", key, given={}),
        "The slots are used by a reader of `srcu`, the key is raised by a reader of `cpu_hotplug_lock`. Nothing is "
        "waited for inside `srcu`, so no grace period has to wait for a CPU.",
        (
            "Which line needs `srcu`, and which needs `cpu_hotplug_lock`?",
            "One of the two locks you may have to wait for. What must not be held then?",
            "Leave `srcu` before you ask for `cpu_hotplug_lock`. Or ask for `cpu_hotplug_lock` first: readers of "
            "`srcu` never wait, so `srcu` may be inside.",
        ),
        points=2,
    ),
    Task(
        "06.loop",
        "A circle to specification",
        "build",
        ("M3", "M4", "M5"),
        (class_("Small"), function("first"), function("second"), function("third"), function("fourth")),
        loop,
        "One mutex is enough. The grace period waits for a reader, the reader for a writer, the writer for another "
        "reader, and that one for the mutex. Take anyone away, and all ends well.",
        (
            "In the circle of the chapter two mutexes follow one another. Which task goes from the one to the other? "
            "Try the circle without it.",
            "Four waits: for a grace period, for a writer, for a reader to leave, for the mutex. Give each to one "
            "task. What must each hold meanwhile?",
            "`first` holds the mutex and synchronizes; `second` reads `srcu` and asks to read the semaphore. `third` "
            "reads the semaphore and asks for the mutex. What is the fourth one for?",
        ),
        points=3,
    ),
)  # fmt: skip
