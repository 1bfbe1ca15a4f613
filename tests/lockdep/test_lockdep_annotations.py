"""What lockdep is told of which operation, and what a program says by itself."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from kvmlab import (
    SRCU,
    Completion,
    Mutex,
    PercpuRwsem,
    ReaderPreferringRwsem,
    Scenario,
    ScenarioError,
    Shared,
    SpinLock,
    explore,
    lockdep,
    threading,
)
from kvmlab.lockdep import History, LockdepMap, might_lock, nest_lock, nested
from kvmlab.operation import free

Task = Callable[[Any], object]


def say(locks: dict[str, Callable[[], object]], *tasks: Task, linux: str = "complete", order: Any = None) -> History:
    """What lockdep says to tasks that share locks of these kinds."""

    def world() -> SimpleNamespace:
        return SimpleNamespace(**{name: make() for name, make in locks.items()})

    history = lockdep(Scenario(world, *tasks, name="w"), linux, order=order)
    assert isinstance(history, History)
    return history


def under(*names: str) -> Task:
    """A task that takes locks one inside the other; `name:method` enters what the method gives."""

    def task(w: Any) -> None:
        stack = []
        for name in names:
            lock, _, method = name.partition(":")
            section = getattr(getattr(w, lock), method)() if method else getattr(w, lock)
            section.__enter__()
            stack.append(section)
        for section in reversed(stack):
            section.__exit__(None, None, None)

    return task


@pytest.mark.parametrize("make", [Mutex, SpinLock, threading.Lock, threading.RLock])
def test_exclusive_locks(make: Callable[[], object]) -> None:
    history = say({"a": make, "b": make}, under("a", "b"), under("b", "a"))
    assert history.cycle == ("a", "b", "a")


def test_a_condition_is_seen_as_its_lock() -> None:
    locks = {"a": threading.Condition, "b": threading.Lock}
    assert say(locks, under("a", "b"), under("b", "a")).cycle == ("a.lock", "b", "a.lock")


@pytest.mark.parametrize(
    ("inner", "outer", "verdict"),
    [("p:read", "p:read", "reported"), ("p:write", "p:read", "reported"), ("p:read", "p:write", "reported")],
)
def test_percpu_rwsem_reads_may_wait_for_reads(inner: str, outer: str, verdict: str) -> None:
    history = say({"p": PercpuRwsem, "m": Mutex}, under("m", inner), under(outer, "m"))
    assert history.verdict == verdict


@pytest.mark.parametrize(
    ("inner", "outer", "verdict"),
    [("p:read", "p:read", "silent"), ("p:write", "p:read", "reported"), ("p:read", "p:write", "reported")],
)
def test_reader_preferring_reads_do_not(inner: str, outer: str, verdict: str) -> None:
    tasks = under("m", inner), under(outer, "m")
    locks: dict[str, Callable[[], object]] = {"p": ReaderPreferringRwsem, "m": Mutex}
    assert say(locks, *tasks).verdict == verdict

    def world() -> SimpleNamespace:
        return SimpleNamespace(p=ReaderPreferringRwsem(), m=Mutex())

    assert explore(Scenario(world, *tasks)).verdict == {"silent": "proven", "reported": "deadlock"}[verdict]


def test_srcu_reads_wait_for_nobody_and_synchronize_waits_for_them() -> None:
    locks: dict[str, Callable[[], object]] = {"s": SRCU, "m": Mutex}
    assert say(locks, under("m", "s:read"), under("s:read", "m")).verdict == "silent"

    def synchronize(w: Any) -> None:
        with w.m:
            w.s.synchronize()

    assert say(locks, synchronize, under("s:read", "m")).cycle == ("m", "s", "m")


def test_a_trylock_counts_when_it_has_worked_and_as_what_is_held_only() -> None:
    def try_inner(w: Any) -> None:
        with w.a:
            if w.b.trylock():
                w.b.unlock()

    def try_outer(w: Any) -> None:
        if w.a.trylock():
            with w.b:
                pass
            w.a.unlock()

    def failing(w: Any) -> None:
        with w.a:
            assert not w.a.trylock()

    locks: dict[str, Callable[[], object]] = {"a": Mutex, "b": Mutex}
    assert say(locks, try_inner, under("b", "a")).verdict == "silent"
    assert say(locks, try_outer, under("b", "a")).verdict == "reported"
    assert say(locks, failing).verdict == "silent"


def test_a_lock_asked_for_with_a_timeout_is_announced_like_one_that_waits() -> None:
    def timed(w: Any) -> None:
        with w.a:
            if w.b.acquire(timeout=1):
                w.b.release()

    def gives_up(w: Any) -> None:
        with w.a:
            assert not w.a.acquire(timeout=1)

    locks: dict[str, Callable[[], object]] = {"a": threading.Lock, "b": threading.Lock}
    assert say(locks, timed, under("b", "a")).cycle == ("a", "b", "a")
    assert say(locks, gives_up).cycle == ("a", "a")


def test_a_lock_that_was_not_got_in_time_is_not_held() -> None:
    def holder(w: Any) -> None:
        with w.b:
            w.go.set()
            w.stop.wait()

    def late(w: Any) -> None:
        w.go.wait()
        w.b.acquire(timeout=1)
        with w.c:
            pass
        w.stop.set()

    locks = {"b": threading.Lock, "c": threading.Lock, "go": threading.Event, "stop": threading.Event}
    history = say(locks, holder, late)
    assert (history.verdict, history.finished, len(history.graph)) == ("silent", True, 0)


def test_an_rlock_is_one_lock_however_often_its_owner_takes_it() -> None:
    def twice(w: Any) -> None:
        with w.r, w.m, w.r:
            pass

    history = say({"r": threading.RLock, "m": threading.Lock}, twice)
    assert (history.verdict, str(history.graph)) == ("silent", "r -(EN)-> m")
    assert say({"r": threading.RLock, "m": threading.Lock}, twice, under("m", "r")).verdict == "reported"


def test_a_wait_for_notify_gives_the_lock_back_and_takes_it_again() -> None:
    def waiter(w: Any) -> None:
        with w.m, w.c:
            w.c.wait()

    def notifier(w: Any) -> None:
        with w.c:
            w.c.notify()
        with w.c, w.x:
            pass

    history = say({"m": threading.Lock, "x": threading.Lock, "c": threading.Condition}, waiter, notifier)
    assert (history.verdict, history.finished) == ("silent", True)
    assert str(history.graph) == "m -(EN)-> c.lock\nc.lock -(EN)-> x"


def test_a_lock_that_another_task_gives_back_leaves_the_stack_of_the_one_who_took_it() -> None:
    def take(w: Any) -> None:
        w.a.acquire()
        w.taken.set()
        w.given.wait()
        with w.b:
            pass

    def give(w: Any) -> None:
        w.taken.wait()
        w.a.release()
        w.given.set()

    locks = {"a": threading.Lock, "b": threading.Lock, "taken": threading.Event, "given": threading.Event}
    history = say(locks, take, give)
    assert (history.verdict, history.finished, len(history.graph)) == ("silent", True, 0)


def handed_over() -> SimpleNamespace:
    """A world whose constructor has taken its lock."""
    w = SimpleNamespace(handed=threading.Lock(), a=Mutex())
    w.handed.acquire()
    w.changed = threading.Condition(w.handed)
    return w


def test_of_a_lock_that_the_world_has_taken_the_release_is_not_told() -> None:
    """Nor is the release in a wait for notify. Whoever takes it then holds it, for lockdep, too."""

    def release(w: Any) -> None:
        w.handed.release()

    def wait(w: Any) -> None:
        w.changed.wait(timeout=1)
        w.handed.release()

    for lets_go in (release, wait):
        history = lockdep(Scenario(handed_over, lets_go, under("handed", "a"), under("a", "handed"), name="w"))
        assert (history.verdict, history.cycle) == ("reported", ("handed", "a", "handed")), lets_go
    assert lockdep(Scenario(handed_over, release)).verdict == "silent"


def test_only_the_first_release_is_of_what_the_world_has_taken() -> None:
    """The second is of what the task has taken, also where it has the name under which the world takes."""

    def world(w: Any) -> None:
        w.handed.release()
        w.handed.acquire()
        with w.a:
            w.handed.release()
        with w.a, w.handed:
            pass

    history = lockdep(Scenario(handed_over, world, name="w"))
    assert (history.verdict, history.cycle) == ("reported", ("handed", "a", "handed"))


def test_what_lockdep_is_not_told_of() -> None:
    """Completions, events, semaphores: two tasks that hang for certain, and silence (lockdep-measured, section 6)."""

    def one(w: Any) -> None:
        with w.m:
            w.done.wait()

    def two(w: Any) -> None:
        with w.m:
            w.done.complete()

    history = say({"m": Mutex, "done": Completion}, one, two)
    assert history.verdict == "silent"
    assert history.deadlock is not None
    assert str(history).startswith("w: silent (rules: complete), and the tasks hang.\n")


def test_tasks_go_on_in_turn_when_one_has_to_wait() -> None:
    def first(w: Any) -> None:
        with w.m:
            pass
        w.done.wait()
        with w.n:
            pass

    def second(w: Any) -> None:
        with w.n, w.m:
            pass
        w.done.complete()
        with w.m:
            pass

    history = say({"m": Mutex, "n": Mutex, "done": Completion}, first, second)
    assert history.finished
    assert history.schedule.replay == "1-1-2x7-1-1-1"


def test_a_bad_unlock_and_a_lock_held_at_the_end() -> None:
    assert say({"m": Mutex}, lambda w: w.m.unlock()).report.kind == "bad unlock balance"  # type: ignore[union-attr]
    history = say({"m": Mutex}, lambda w: w.m.lock())
    assert history.report is not None
    assert history.report.kind == "still has locks held"
    assert [failure.kind for failure in history.failures] == ["held"]


def test_freeing_a_lock_that_is_held() -> None:
    def task(w: Any) -> None:
        with w.m:
            free(w.m)

    history = say({"m": Mutex}, task)
    assert history.report is not None
    assert history.report.kind == "held lock freed"


def test_a_task_that_raises_ends_the_history() -> None:
    def task(w: Any) -> None:
        with w.m:
            raise OSError("no")

    history = say({"m": Mutex}, task)
    assert (history.verdict, history.failures[0].message) == ("silent", "task raised OSError: no")
    assert history.headline == "w: silent (rules: complete), and a task failed."


def test_threads_that_a_task_starts_are_tasks() -> None:
    def parent(w: Any) -> None:
        child = threading.Thread(target=lambda: under("b", "a")(w), name="child")
        with w.a, w.b:
            child.start()
        child.join()

    history = say({"a": threading.Lock, "b": threading.Lock}, parent)
    assert (history.cycle, history.reporter, history.order) == (("a", "b", "a"), "child", ("parent", "child"))


class OwnSRCU:
    """A reader's SRCU: two counters under one condition."""

    def __init__(self, annotated: bool) -> None:
        self.changed = threading.Condition()
        self.readers = [Shared(0), Shared(0)]
        self.current = Shared(0)
        self.dep_map = LockdepMap("srcu") if annotated else None

    def read_lock(self) -> int:
        if self.dep_map:
            self.dep_map.acquire(shared=True)
        with self.changed:
            index = int(self.current.load())
            self.readers[index].store(self.readers[index].load() + 1)
            return index

    def read_unlock(self, index: int) -> None:
        if self.dep_map:
            self.dep_map.release()
        with self.changed:
            self.readers[index].store(self.readers[index].load() - 1)
            self.changed.notify_all()

    def synchronize(self) -> None:
        if self.dep_map:
            self.dep_map.sync()
        with self.changed:
            old = int(self.current.load())
            self.current.store(1 - old)
            self.changed.wait_for(lambda: self.readers[old].load() == 0)


class TestAReadersOwnPrimitive:
    def tasks(self) -> tuple[Task, Task]:
        def update(w: Any) -> None:
            with w.m:
                w.srcu.synchronize()

        def read(w: Any) -> None:
            index = w.srcu.read_lock()
            with w.m:
                pass
            w.srcu.read_unlock(index)

        return update, read

    def scenario(self, annotated: bool) -> Scenario:
        def world() -> SimpleNamespace:
            return SimpleNamespace(m=threading.Lock(), srcu=OwnSRCU(annotated))

        return Scenario(world, *self.tasks(), name="own")

    def test_annotated_it_is_seen_as_what_it_is(self) -> None:
        history = lockdep(self.scenario(annotated=True))
        assert history.cycle == ("m", "srcu", "m")
        assert history.report is not None
        assert history.report.held is not None
        assert history.report.held.lock == "srcu"

    def test_unannotated_it_is_seen_as_the_locks_it_is_made_of(self) -> None:
        history = lockdep(self.scenario(annotated=False))
        assert history.verdict == "silent"
        assert str(history.graph) == "m -(EN)-> &ownsrcu->changed.lock"

    def test_annotations_change_no_schedule(self) -> None:
        with_them, without = explore(self.scenario(annotated=True)), explore(self.scenario(annotated=False))
        assert with_them.verdict == without.verdict == "deadlock"
        assert (with_them.schedules, with_them.states) == (without.schedules, without.states)

    def test_outside_a_scenario_they_do_nothing(self) -> None:
        own = OwnSRCU(annotated=True)
        own.read_unlock(own.read_lock())
        own.synchronize()


class VM:
    def __init__(self) -> None:
        self.slots_lock = Mutex()


def two_vms() -> SimpleNamespace:
    return SimpleNamespace(kvm_lock=Mutex(), vms=[VM(), VM()])


class TestSubclasses:
    def test_two_of_a_class_are_a_recursion(self) -> None:
        def task(w: Any) -> None:
            with w.vms[0].slots_lock, w.vms[1].slots_lock:
                pass

        assert lockdep(Scenario(two_vms, task)).cycle == ("&vm->slots_lock", "&vm->slots_lock")

    def test_nested_is_believed_even_in_both_orders(self) -> None:
        """class-nested_both_orders: a true ABBA, missed."""

        def one(w: Any) -> None:
            with w.vms[0].slots_lock, nested(w.vms[1].slots_lock):
                pass

        def other(w: Any) -> None:
            with w.vms[1].slots_lock, nested(w.vms[0].slots_lock):
                pass

        scenario = Scenario(two_vms, one, other)
        history = lockdep(scenario)
        assert (history.verdict, str(history.graph)) == ("silent", "&vm->slots_lock -(EN)-> &vm->slots_lock/1")
        assert explore(scenario).verdict == "deadlock"

    def test_the_mark_is_on_one_acquisition_only(self) -> None:
        def task(w: Any) -> None:
            with w.vms[0].slots_lock, nested(w.vms[1].slots_lock), w.kvm_lock:
                pass

        graph = str(lockdep(Scenario(two_vms, task), "6.12").graph)
        assert graph == "&vm->slots_lock -(EN)-> &vm->slots_lock/1\n&vm->slots_lock/1 -(EN)-> kvm_lock"

    def test_an_outer_lock_may_serialise_the_nesting(self) -> None:
        def task(w: Any) -> None:
            with w.kvm_lock, nest_lock(w.vms[0].slots_lock, w.kvm_lock), nest_lock(w.vms[1].slots_lock, w.kvm_lock):
                pass

        assert lockdep(Scenario(two_vms, task)).verdict == "silent"

    def test_the_outer_lock_must_be_held(self) -> None:
        def task(w: Any) -> None:
            with nest_lock(w.vms[0].slots_lock, w.kvm_lock):
                pass

        report = lockdep(Scenario(two_vms, task)).report
        assert report is not None
        assert report.kind == "Nested lock was not taken"

    def test_a_section_can_be_nested_too(self) -> None:
        def task(w: Any) -> None:
            with w.p.read(), nested(w.p.read(), 2):
                pass

        assert say({"p": PercpuRwsem}, task).verdict == "silent"

    @pytest.mark.parametrize(
        ("says", "sentence"),
        [
            (lambda w: nested(5), "nested takes a lock, or a section such as sem.read(), not 5"),
            (lambda w: nest_lock(5, w.m), "nest_lock takes a lock, or a section such as sem.read(), not 5"),
            (lambda w: nest_lock(w.m, 5), "nest_lock takes a lock, not 5: give it one that the world has made"),
            (lambda w: might_lock(5), "might_lock takes a lock, not 5: give it one that the world has made"),
            (lambda w: might_lock(w.own), "might_lock takes a lock, not namespace(dep_map=2): give it its dep_map"),
        ],
    )
    def test_what_is_no_lock_is_refused_in_a_sentence(self, says: Task, sentence: str) -> None:
        """In the task that says it, and by every runtime."""

        def task(w: Any) -> None:
            with w.m, says(w):  # type: ignore[attr-defined]
                pass

        locks: dict[str, Callable[[], object]] = {"m": Mutex, "own": lambda: SimpleNamespace(dep_map=2)}
        (failure,) = say(locks, task).failures
        assert failure.message == f"task raised ScenarioError: {sentence}"
        world = Scenario(lambda: SimpleNamespace(**{name: make() for name, make in locks.items()}), task)
        assert explore(world).failures[0].message == failure.message

    def test_a_subclass_that_does_not_exist_is_refused_in_a_sentence(self) -> None:
        with pytest.raises(ScenarioError, match="a subclass is 0 to 7, not 8"):
            nested(Mutex(), 8)

    def test_under_explore_they_are_plain_locks(self) -> None:
        def task(w: Any) -> None:
            with w.kvm_lock, nest_lock(w.vms[0].slots_lock, w.kvm_lock), nested(w.vms[1].slots_lock):
                pass

        def plain(w: Any) -> None:
            with w.kvm_lock, w.vms[0].slots_lock, w.vms[1].slots_lock:
                pass

        marked, unmarked = explore(Scenario(two_vms, task, task)), explore(Scenario(two_vms, plain, plain))
        assert (marked.verdict, marked.schedules) == (unmarked.verdict, unmarked.schedules)


def test_might_lock_is_checked_as_if_it_did() -> None:
    """put-might_lock_held: reported on a put that is not the last."""

    def put(w: Any) -> None:
        might_lock(w.kvm_lock)

    def walk(w: Any) -> None:
        with w.kvm_lock:
            put(w)

    assert say({"kvm_lock": Mutex}, put).verdict == "silent"
    assert say({"kvm_lock": Mutex}, walk).cycle == ("kvm_lock", "kvm_lock")


def test_an_unknown_kind_of_map_is_refused_in_a_sentence() -> None:
    with pytest.raises(ScenarioError, match="lockdep knows no kind of lock 'futex'; it knows mutex, spin"):
        LockdepMap("futex")
    with pytest.raises(ScenarioError, match="lockdep knows no kind of lock 5; it knows mutex, spin"):
        LockdepMap(5)  # type: ignore[arg-type]


def test_a_map_that_cannot_be_taken_so_is_refused_even_when_nobody_listens() -> None:
    with pytest.raises(TypeError, match="'srcu' has no exclusive holders"):
        LockdepMap("srcu").acquire()
