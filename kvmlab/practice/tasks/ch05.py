"""Chapter 5, CPU hotplug."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kvmlab.practice.bench import Bench
from kvmlab.practice.ending import Unmet
from kvmlab.practice.judges import arranged, choice, names, reaches
from kvmlab.practice.task import Task, answer, function
from kvmlab.practice.worlds import BringUp, Feature, control_task, cpu_hotplug, cpuhp_thread, load_vendor, notify
from kvmlab.scenario import Scenario
from kvmlab.stepper import State

Body = Callable[[Any], object]


def bring_up() -> Scenario:
    """A CPU is brought up while a module is loaded."""
    return Scenario(BringUp, control_task, cpuhp_thread, load_vendor)


def too_late(state: State) -> str | None:
    """Every schedule from here deadlocks, and two tasks can still move."""
    if state.kind == "dead":
        return "Nobody can move any more. Go back to where it was already certain, and did not show yet."
    if state.deadlocked < state.schedules or not state.schedules:
        good = state.schedules - state.deadlocked
        return f"From here {good} of {state.schedules} schedules end well, so it is not too late yet."
    if len(state.movable) < 2:
        return "It is too late, but only one task can still move. Go back a little: it was too late before."
    return None


LINES = {
    "a": "w.kvm_lock.unlock()",
    "b": "w.cpu_hotplug_lock.read_lock()",
    "c": "w.key.slow_inc_cpuslocked()",
    "d": "w.kvm_lock.lock()",
    "e": "w.cpu_hotplug_lock.read_unlock()",
    "f": "w.users.store(w.users.load() + 1)",
}
"""The lines of ``05.both``."""


def both(bench: Bench, enable: Body) -> None:
    """Both locks in the documented order, and nobody who has `kvm_lock` sees the one without the other."""

    def looks(w: Feature) -> None:
        with w.kvm_lock:
            users, on = w.users.load(), w.key.is_on()
        if on and not users:
            raise Unmet("on without users", "Somebody who holds `kvm_lock` sees the key on, and no user.")
        if users and not on:
            raise Unmet("users without key", "Somebody who holds `kvm_lock` sees a user, and the key is off.")

    def counted(number: int) -> Callable[[Feature], None]:
        def ends(w: Feature) -> None:
            users = w.users.load()
            if not w.key.is_on():
                raise Unmet("off", "At the end the key is off.")
            if users != number:
                raise Unmet(f"users {users}", f"{number} have enabled the feature, and `users` is {users}.")

        return ends

    def feature(*others: Body) -> Scenario:
        return Scenario(Feature, enable, *others, name="Feature")

    bench.prove("nobody else", feature(), ends=counted(1))
    bench.stop()
    bench.prove("somebody who looks at key and users under `kvm_lock`", feature(looks), ends=counted(1))
    bench.prove("two users", feature(enable), ends=counted(2))
    bench.prove("a frequency that changes, and a CPU that comes or goes", feature(notify, cpu_hotplug), ends=counted(1))


def enable(bench: Bench, enable: Body) -> None:
    """Whoever has enabled the feature finds the key on; every user is counted; nobody waits for ever."""

    def uses(w: Feature) -> None:
        enable(w)
        if not w.key.is_on():
            raise Unmet("off", "`enable` has returned, and the key is off.")

    vars(uses)["__wrapped__"] = enable  # whose source a stepper shows

    def users(number: int) -> Callable[[Feature], None]:
        def ends(w: Feature) -> None:
            counted = w.users.load()
            if counted != number:
                raise Unmet(f"users {counted}", f"{number} have enabled the feature, and `users` is {counted}.")

        return ends

    def feature(*tasks: Body) -> Callable[[], Scenario]:
        return lambda: Scenario(Feature, *tasks, name="Feature")

    bench.prove("one user, and nobody else", feature(uses), ends=users(1))
    bench.stop()
    bench.prove("two users", feature(uses, uses), ends=users(2))
    bench.prove("one user, and a frequency that changes", feature(uses, notify), ends=users(1))
    bench.prove(
        "one user, a frequency that changes, and a CPU that comes or goes",
        feature(uses, notify, cpu_hotplug), ends=users(1),
    )  # fmt: skip
    bench.stop()
    bench.prove("two users, the frequency, and the CPU", feature(uses, uses, notify, cpu_hotplug))


TASKS = (
    Task(
        "05.thread",
        "A callback that switches a key",
        "predict",
        ("M3", "M9"),
        (answer("happens"), answer("happens_because")),
        choice(("a", "b", "c", "d"), "d", reasons=("1", "2", "3", "4"), because="2"),
        "One lock, two tasks, and a wait for an event that closes the circle. The writer is there in every schedule, "
        "since bringing up a CPU is what it does.",
        (
            "Who holds the hotplug lock while the callback runs? And what is that task doing meanwhile?",
            "`static_branch_inc()` reads the hotplug lock. The thread that runs it is not the task that holds it.",
            "The thread waits until the writer is done. The writer is done when the thread says so. And no schedule "
            "goes round this.",
        ),
    ),
    Task(
        "05.late",
        "Too late, and nobody has noticed",
        "step",
        ("M2", "M9"),
        (answer("stepper"),),
        reaches(bring_up, too_late),
        "Everything looks as usual, and from here no schedule ends well. A deadlock begins long before "
        "somebody stands still for ever.",
        (
            "In the deadlock `load_vendor` holds one thing and the control task another. Which two?",
            "`cpuhp_thread` needs `kvm_lock`, and the control task waits for `cpuhp_thread`. So who must have "
            "`kvm_lock` before the thread does?",
            "Let the loader take `kvm_lock`. Then let the control task set the block flag: one move each.",
        ),
    ),
    Task(
        "05.review",
        "Which of them may wait for a CPU?",
        "review",
        ("M4", "M6"),
        (answer("lines"),),
        names({4, 8, 9, 10}, what="line that may wait for a CPU", among=range(1, 12)),
        "A key that is raised, a static call, a hotplug state, and the last put: each reads the hotplug lock, and none "
        "has it in its name.",
        (
            "Look for calls that rely on the set of CPUs, or rewrite code: section 4 of the chapter has them.",
            "To test a key is an instruction. To enter SRCU never waits. To lower a key can be left to a worker; to "
            "raise it cannot.",
            "Four lines. One raises a key, one rewrites a call, one installs a callback, and one may destroy a VM, "
            "which lowers a key.",
        ),
        points=2,
    ),
    Task(
        "05.both",
        "Both locks, in the documented order",
        "order",
        ("M6", "M10"),
        (answer("order"),),
        arranged(LINES, "def enable(w):", both, given={}),
        "`cpus_read_lock()` outside `kvm_lock`, and inside both the twin that does not take the hotplug lock again.",
        (
            "Which lock does the document want outside? The other pair of lines goes inside it.",
            "`slow_inc_cpuslocked` needs the hotplug lock. Who looks under `kvm_lock` must see key and users change "
            "together.",
            "It begins with b and d. In which order you let go of the two makes no difference.",
        ),
        points=2,
    ),
    Task(
        "05.enable",
        "The first user switches it on",
        "fix",
        ("M4", "M6", "M7", "M10"),
        (function("enable"),),
        enable,
        "Nobody waits for the hotplug lock while it holds a lock that is taken inside the hotplug lock. And no user "
        "comes back before the key is on.",
        (
            "`key.slow_inc()` reads the hotplug lock. Which lock must not be held around it, and which may?",
            "If the first user lets go of the lock before the key is on, the second one sees a count of 1 and comes "
            "back too early. So count and key belong in one section.",
            "`usage_lock` is a mutex that nobody takes inside the hotplug lock. Use it in place of `kvm_lock`.",
        ),
        points=3,
    ),
)
