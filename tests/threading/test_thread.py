"""`Thread`, `current_thread` and `get_ident`."""

from __future__ import annotations

import threading as real
from typing import Any

import pytest

from kvmlab import Mutex, Scenario, Shared, explore, replay, run, threading
from tests.threading.calls import check

MADE = "Thread(target=lambda: None, name='n')"


@pytest.mark.parametrize(
    "does",
    [
        "(it.start(), it.join())",
        "(it.start(), it.join(), it.is_alive())",
        "(it.start(), it.join(), it.join(0), it.join(-1), it.join(5))",
        "(it.is_alive(), it.ident, it.daemon, it.name)",
        "(it.start(), it.join(), it.ident is None)",
        "it.run()",
        "(setattr(it, 'daemon', True), it.daemon)",
        "(setattr(it, 'name', 'm'), it.name)",
        "(it.start(), it.name)",
        "(it.setName('m'), it.getName(), it.isDaemon(), it.setDaemon(True), it.isDaemon())",
        "(it.native_id, it.start(), it.join(), type(it.native_id))",
        "(it.start(), it.join(), threading.active_count() - len(threading.enumerate()), it in threading.enumerate())",
        "threading.active_count() == threading.activeCount() == len(threading.enumerate())",
        "threading.current_thread() is threading.main_thread() is threading.currentThread()",
        "threading.current_thread() in threading.enumerate()",
        "threading.current_thread().native_id == threading.get_native_id()",
        "(threading.current_thread().is_alive(), threading.current_thread().daemon)",
    ],
)
def test_a_call_gives_what_the_standard_library_gives(does: str) -> None:
    check(MADE, does)


@pytest.mark.parametrize(
    "does",
    [
        "it.join()",
        "it.join(1)",
        "it.join(0)",
        "(it.start(), it.start())",
        "(it.start(), it.join(), it.start())",
        "(it.start(), it.join(), it.join('x'))",
        "threading.current_thread().join()",
        "threading.main_thread().join()",
        "threading.current_thread().start()",
        "setattr(threading.current_thread(), 'daemon', True)",
    ],
)
def test_a_wrong_call_raises_what_the_standard_library_raises(does: str) -> None:
    check(MADE, does)


@pytest.mark.parametrize(
    "does",
    [
        "it.start()",
        "it.join()",
        "it.join('x')",
        "it.is_alive()",
        "it.name",
        "it.ident",
        "it.native_id",
        "it.daemon",
        "it.setName('m')",
        "it.setDaemon(True)",
        "it.run()",
        "repr(it)",
    ],
)
def test_a_subclass_that_forgets_to_call_the_constructor_is_told(does: str) -> None:
    check("Thread.__class__('NoInit', (threading.Thread,), {'__init__': lambda self: None})()", does)


@pytest.mark.parametrize(
    "made", ["Thread(1)", "Thread(group=1)", "Thread(nonsense=1)", "Thread(None)", "Thread(target=1)"]
)
def test_it_is_made_as_the_standard_library_allows(made: str) -> None:
    check(made, "None")


class World:
    def __init__(self) -> None:
        self.first = threading.Lock()
        self.second = threading.Lock()
        self.cell = Shared(0)
        self.local = threading.local()
        self.names: list[Any] = []


def one_way(w: World) -> None:
    with w.first, w.second:
        pass


def other_way(w: World) -> None:
    with w.second, w.first:
        pass


def test_threads_deadlock_like_tasks() -> None:
    def parent(w: World) -> None:
        child = threading.Thread(target=other_way, args=(w,))
        child.start()
        one_way(w)
        child.join()

    found = explore(Scenario(World, parent))
    (deadlock,) = found.deadlocks
    assert found.search == "traces"
    assert deadlock.cycle == ("parent", "parent/1", "parent")
    assert replay(Scenario(World, parent), deadlock.replay).deadlock == deadlock


def test_who_joins_waits_for_the_thread() -> None:
    def parent(w: World) -> None:
        child = threading.Thread(target=w.first.acquire, name="child")
        with w.first:
            child.start()
            child.join()

    (deadlock,) = explore(Scenario(World, parent)).deadlocks
    assert deadlock.waits[0] == ("parent", "parent's Thread 1", ("child",))
    assert deadlock.reasons["parent"] == "child has not ended"


def test_a_thread_begins_after_its_start_and_ends_before_its_join() -> None:
    def parent(w: World) -> None:
        w.cell.store(1)
        child = threading.Thread(target=lambda: w.cell.store(w.cell.load() + 1))
        child.start()
        child.join()
        assert w.cell.load() == 2

    found = explore(Scenario(World, parent))
    assert (found.verdict, found.classes) == ("proven", 1)


def test_a_subclass_may_have_its_own_run() -> None:
    class Counts(threading.Thread):
        def __init__(self, w: World) -> None:
            super().__init__(name="counts")
            self.w = w

        def run(self) -> None:
            self.w.cell.store(5)

    def parent(w: World) -> None:
        child = Counts(w)
        child.start()
        child.join()
        assert w.cell.load() == 5

    assert explore(Scenario(World, parent)).verdict == "proven"
    assert run(Scenario(World, parent)).verdict == "finished"


def test_arguments_reach_the_target() -> None:
    def stores(w: World, number: int, *, more: int) -> None:
        w.cell.store(number + more)

    def parent(w: World) -> None:
        child = threading.Thread(None, stores, "child", (w, 3), {"more": 4}, daemon=True)
        child.start()
        child.join()
        assert (w.cell.load(), child.daemon, child.name) == (7, True, "child")

    assert explore(Scenario(World, parent)).verdict == "proven"


def test_threads_start_threads() -> None:
    def grandchild(w: World) -> None:
        w.cell.store(1)

    def child(w: World) -> None:
        threading.Thread(target=grandchild, args=(w,)).start()

    def parent(w: World) -> None:
        threading.Thread(target=child, args=(w,)).start()
        threading.Thread(target=child, args=(w,), name="named").start()
        w.cell.store(2)

    found = run(Scenario(World, parent))
    assert {step.task for step in found.schedule} == {"parent", "parent/1", "named", "parent/1/1", "named/1"}
    assert explore(Scenario(World, parent)).verdict == "proven"


def test_where_there_are_several_tasks_a_threads_name_says_who_started_it() -> None:
    def parent(w: World) -> None:
        child = threading.Thread(target=w.cell.load, name="worker")
        child.start()
        child.join()
        assert child.name == "worker"

    found = run(Scenario(World, parent, parent))
    assert found.verdict == "finished"
    assert {step.task for step in found.schedule} == {"parent 1", "parent 2", "parent 1/worker", "parent 2/worker"}
    assert {step.task for step in run(Scenario(World, parent)).schedule} == {"parent", "worker"}


def test_a_join_with_a_timeout_may_be_too_early_or_not() -> None:
    alive: set[bool] = set()

    def parent(w: World) -> None:
        child = threading.Thread(target=w.cell.load)
        child.start()
        child.join(1)
        alive.add(child.is_alive())

    found = explore(Scenario(World, parent))
    assert (found.verdict, alive) == ("proven", {True, False})
    assert "at most 1 timeout per task expire" in found.assumes


def test_a_join_that_is_not_to_wait_uses_up_no_timeout() -> None:
    def parent(w: World) -> None:
        child = threading.Thread(target=w.first.acquire)
        with w.first:
            child.start()
            for _ in range(3):
                child.join(0)
            assert child.is_alive()
        child.join()

    found = explore(Scenario(World, parent), max_timeouts=0)
    assert [failure.message for failure in found.failures] == ["parent/1 ended while it holds first."]


def test_a_thread_cannot_join_itself() -> None:
    def parent(w: World) -> None:
        child = threading.Thread(target=lambda: w.names[0].join())
        w.names.append(child)
        child.start()

    (failure,) = explore(Scenario(World, parent)).failures
    assert failure.message == "parent/1 raised RuntimeError: cannot join current thread"


def test_the_daemon_status_of_a_thread_that_runs_is_what_it_is() -> None:
    def parent(w: World) -> None:
        child = threading.Thread(target=w.cell.load)
        child.start()
        child.daemon = True

    (failure,) = explore(Scenario(World, parent)).failures
    assert failure.message == "parent raised RuntimeError: cannot set daemon status of active thread"


def test_who_raises_ends_the_thread_and_is_named() -> None:
    def parent(w: World) -> None:
        threading.Thread(target=lambda: 1 / 0, name="divides").start()
        w.cell.load()

    (failure,) = explore(Scenario(World, parent)).failures
    assert failure.message == "divides raised ZeroDivisionError: division by zero"


def test_a_thread_that_the_world_starts_is_refused() -> None:
    class Impatient:
        def __init__(self) -> None:
            threading.Thread(target=print).start()

    with pytest.raises(
        Exception, match=r"a thread was started while the world was made, at __init__, test_thread.py line"
    ):
        explore(Scenario(Impatient, lambda w: None))


def test_every_task_has_a_number_and_an_object_of_its_own() -> None:
    """Also where the names begin alike; the same in every run."""
    seen: dict[str, set[tuple[int, str]]] = {}

    def philosopher_one(w: World) -> None:
        me = threading.current_thread()
        assert me is threading.current_thread()
        assert me.is_alive()
        assert me.ident == threading.get_ident()
        seen.setdefault(me.name, set()).add((threading.get_ident(), type(me).__name__))
        w.cell.store(1)

    def philosopher_two(w: World) -> None:
        philosopher_one(w)
        child = threading.Thread(target=philosopher_one, args=(w,))
        child.start()
        assert child.ident != threading.get_ident()

    assert explore(Scenario(World, philosopher_one, philosopher_two), "traces").verdict == "proven"
    assert set(seen) == {"philosopher_one", "philosopher_two", "philosopher_two/1"}
    assert all(len(found) == 1 for found in seen.values())
    assert len(set().union(*seen.values())) == 3


def test_a_lock_of_the_readers_own_that_goes_by_numbers() -> None:
    """An `RLock` hand-made on `get_ident`: two tasks with one number would both be inside."""

    class Own:
        def __init__(self) -> None:
            self.lock = threading.Lock()
            self.owner = Shared(0)
            self.inside = Shared(0)

        def __enter__(self) -> None:
            if self.owner.load() != threading.get_ident():
                self.lock.acquire()
                self.owner.store(threading.get_ident())

        def __exit__(self, *error: object) -> None:
            self.owner.store(0)
            self.lock.release()

    def reader_on_the_left(w: Own) -> None:
        with w, w.lock if False else Mutex():
            assert w.inside.load() == 0
            w.inside.store(1)
            w.inside.store(0)

    def reader_on_the_right(w: Own) -> None:
        reader_on_the_left(w)

    assert explore(Scenario(Own, reader_on_the_left, reader_on_the_right)).verdict == "proven"


def test_a_thread_counts_from_its_start_to_its_end() -> None:
    counts: set[tuple[int, ...]] = set()

    def parent(w: World) -> None:
        before = threading.active_count()
        with w.first:
            child = threading.Thread(target=w.cell.load)
            made = threading.active_count()
            child.start()
            started = threading.enumerate()
            assert started[0] is threading.current_thread()
            assert started[1:] in ([child], [])
        child.join()
        counts.add((before, made, len(started), threading.active_count()))

    assert explore(Scenario(World, parent)).verdict == "proven"
    assert counts == {(1, 1, 2, 1), (1, 1, 1, 1)}, "it may have ended already when the parent counts"
    assert run(Scenario(World, parent)).verdict == "finished"


def test_who_counts_is_told_what_every_order_gives() -> None:
    """The count is no hidden message: that another task starts a thread comes before it or after it."""
    counts: set[int] = set()

    class Prepared(World):
        def __init__(self) -> None:
            super().__init__()
            self.child = threading.Thread(target=self.cell.load)

    def starts(w: Prepared) -> None:
        w.child.start()

    def looks(w: Prepared) -> None:
        counts.add(threading.active_count())

    assert explore(Scenario(Prepared, starts, looks)).verdict == "proven"
    assert counts == {2, 3}


def test_the_main_thread_is_the_only_task_or_else_who_made_the_world() -> None:
    names: set[str] = set()

    def looks(w: World) -> None:
        assert isinstance(threading.main_thread(), threading.Thread)
        assert isinstance(threading.current_thread(), threading.Thread)
        names.add(threading.main_thread().name)

    def parent(w: World) -> None:
        child = threading.Thread(target=looks, args=(w,))
        child.start()
        child.join()

    explore(Scenario(World, parent), "traces")
    assert names == {"parent"}
    explore(Scenario(World, looks, looks), "traces")
    assert names == {"parent", "world"}


def test_what_no_thread_started_cannot_be_joined() -> None:
    def joins(w: World) -> None:
        threading.main_thread().join(1)

    def other(w: World) -> None:
        pass

    (failure,) = explore(Scenario(World, joins, other)).failures
    assert failure.message == (
        "joins raised RuntimeError: cannot join world: no Thread started it; join a Thread that a task has started"
    )


def test_a_task_is_kept_in_a_shared_cell_like_anything_of_the_world() -> None:
    def owns(w: World) -> None:
        w.cell.store(threading.current_thread())
        assert w.cell.load() is threading.current_thread()

    assert explore(Scenario(World, owns)).verdict == "proven"
    assert explore(Scenario(World, owns, owns)).verdict == "failed", "the other may have written its own"
    assert run(Scenario(World, owns)).verdict == "finished"


def test_outside_a_scenario_a_thread_is_the_standard_librarys() -> None:
    names: list[Any] = []
    thread = threading.Thread(target=lambda: names.append(threading.current_thread()), name="real", daemon=True)
    assert thread.ident is None
    thread.start()
    thread.join()
    assert names == [thread]
    assert (thread.name, thread.daemon, thread.is_alive()) == ("real", True, False)
    assert repr(thread).startswith("<_Real(real, stopped daemon")
    assert threading.get_ident() == real.get_ident()
    assert threading.current_thread() is real.current_thread() is threading.main_thread()
    assert threading.active_count() == real.active_count()
    assert threading.enumerate() == real.enumerate()
    assert threading.get_native_id() == real.get_native_id()


def test_outside_a_scenario_a_thread_that_runs_is_among_all() -> None:
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    try:
        assert thread in threading.enumerate()
        assert thread.native_id is not None
    finally:
        go.set()
        thread.join()
    assert thread not in threading.enumerate()
