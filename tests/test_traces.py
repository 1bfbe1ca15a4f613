"""The search by traces: one run of every class, no class left out, none met twice."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.scenarios import philosophers, written_circle
from kvmlab import Mutex, Scenario, Shared, explore, replay, threading
from kvmlab.traces import TraceSearch
from kvmlab.verdict import Exploration
from tests.oracles.classes import TooMany, everything
from tests.oracles.threaded import PLENTY, Program, program

ROOT = Path(__file__).parents[1]
PROGRAMS = int(os.environ.get("KVMLAB_PROGRAMS", "3008"))
"""How many random programs are compared. The rest of the numbers keep them so small that this takes a minute or two."""

CHUNKS = 32
CLASSES = 60
SLEEP_SETS = 250
SCHEDULES = 80

WAITS: dict[str, Any] = {
    "kinds": ("cond", "cond_l", "cond_a", "cond_b", "lock", "event", "sem", "barrier", "thread", "cell"), "plain": False
}  # fmt: skip
"""Programs with much waiting."""

HANDED: dict[str, Any] = {
    "kinds": ("lock", "lock", "lock2", "event", "mutex", "sem", "cell", "thread"), "mistakes": 0.3, "handed": True
}  # fmt: skip
"""Programs in which locks are released by others than their owners."""


class Search(TraceSearch):
    """A search that collects its classes, and counts the runs that it made since it began, or began anew."""

    def __init__(self, scenario: Scenario, limit: int, **options: Any) -> None:
        super().__init__(scenario, limit, **options)
        self.keys = set()
        self.search()

    def _begin(self) -> None:
        super()._begin()
        self.keys = set()
        self.before = self.runs

    @property
    def found(self) -> tuple[dict[Any, int], dict[Any, int]]:
        """The deadlocks and the failures, each with the length of its schedule."""
        deadlocks = {frozenset(key): len(way) for key, way in self.deadlocks.items()}
        return deadlocks, {key: len(way) for key, way in self.failures.items()}


def same_classes(one: Program, tally: Counter[str], **options: Any) -> bool:
    """Search `one` in every way there is and hold the results against each other; false if it is too large for that."""
    search = Search(one.scenario(), CLASSES, **options)
    if not search.complete:
        return False
    slow = Search(one.scenario(), SLEEP_SETS, reduce=False, **options)
    if not slow.complete:
        return False
    assert not search.halted, one
    assert search.keys is not None
    assert search.keys == slow.keys, f"by sleep sets alone there are {len(slow.keys or ())} classes{one}"
    assert search.classes == len(search.keys) == search.runs - search.before, f"a class was met twice{one}"
    assert (search.found, set(search.races)) == (slow.found, set(slow.races)), one
    order = list(range(len(one.tasks)))
    Random(one.name).shuffle(order)
    other = Search(one.scenario(tuple(order)), 10 * CLASSES, **options)
    assert (other.keys, other.found) == (search.keys, search.found), f"with the tasks in the order {order}{one}"
    tally.update(programs=1, classes=search.classes, runs_of_sleep_sets=slow.runs, races=bool(search.races))
    tally.update(deadlocks=bool(search.deadlocks), failures=bool(search.failures))
    try:
        truth = everything(one.scenario(), SCHEDULES, **options)
    except TooMany:
        return True
    assert set(truth.classes) == search.keys, f"in {truth.schedules} schedules there are {len(truth.classes)}{one}"
    assert (truth.deadlocks, truth.failures) == search.found, one
    tally.update(brute_force=1, schedules=truth.schedules, in_brute_force=len(truth.classes))
    return True


def compare(chunk: int, number: int, options: dict[str, Any], **kinds: Any) -> Counter[str]:
    """Compare `number` random programs; return what there was in them."""
    tally, seed = Counter[str](), chunk * 1_000_000
    while tally["programs"] < number:
        same_classes(program(seed, **kinds), tally, **options)
        seed += 1
    print(dict(tally))
    return tally


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_programs_have_the_same_classes_as_by_sleep_sets_alone_and_by_brute_force(chunk: int) -> None:
    """No class is missed, none is met twice, in any order of the tasks; deadlocks and failures are the same."""
    tally = compare(chunk, PROGRAMS // CHUNKS, {})
    most = PROGRAMS // CHUNKS
    assert tally["brute_force"] > most / 2
    assert min(tally["deadlocks"], tally["failures"]) > most / 20, "all kinds of ends"
    assert tally["classes"] > 5 * most


@pytest.mark.parametrize(
    ("chunk", "options"),
    [(100, {"timeouts": 0}), (101, {"timeouts": 2}), (102, {"notify_order": "any"}), (103, {"notify_order": "any"})],
    ids=str,
)
def test_and_so_they_have_with_other_timeouts_and_another_order_of_notify(chunk: int, options: dict[str, Any]) -> None:
    compare(chunk, 60, options, **WAITS)


@pytest.mark.parametrize("chunk", [200, 201])
def test_and_so_they_have_when_locks_are_released_by_others(chunk: int) -> None:
    """All schedules of a class agree on who ended while it held a lock that another task releases some time."""
    compare(chunk, 100, {}, **HANDED)


@pytest.mark.parametrize("seed", range(300_000_000, 300_000_040))
def test_every_order_of_the_tasks_has_the_same_classes(seed: int) -> None:
    one = program(seed)
    orders = list(itertools.permutations(range(len(one.tasks))))
    searches = [Search(one.scenario(order), 40) for order in orders]
    if all(search.complete for search in searches):
        first = searches[0]
        for search in searches:
            assert (search.keys, search.found) == (first.keys, first.found), one


# States and traces.


def shown(found: Exploration) -> tuple[Any, ...]:
    """What two searches have to agree on."""
    deadlocks = {
        (deadlock.waits, tuple(map(str, deadlock.lines.values())), len(deadlock.schedule))
        for deadlock in found.deadlocks
    }
    failures = {
        (failure.task, failure.message, failure.lock, str(failure.location), len(failure.schedule))
        for failure in found.failures
    }
    return found.verdict, deadlocks, failures, len(found.deadlocks), len(found.failures)


@pytest.mark.parametrize("chunk", range(8))
def test_the_search_by_states_says_the_same(chunk: int) -> None:
    """The verdict, who waits where for whom, what goes wrong where, and how long a shortest schedule is."""
    said = Counter[str]()
    for seed in range(chunk * 1_000_000, chunk * 1_000_000 + 60):
        one = program(seed, kinds=tuple(kind for kind in PLENTY if kind != "thread"), plain=False)
        by_traces = explore(one.scenario(), "traces", max_runs=200)
        if not by_traces.unfinished:
            assert shown(by_traces) == shown(explore(one.scenario(), "states")), one
            said[by_traces.verdict] += 1
    assert min(said[verdict] for verdict in ("deadlock", "failed", "proven")) > 1


# What is known of old.


@pytest.mark.parametrize(
    ("seats", "ordered", "schedules", "classes", "shortest"),
    [(3, False, 168, 7, 3), (3, True, 142, 6, None), (5, False, 66_468_720, 31, 5), (5, True, 49_719_072, 30, None)],
)
@pytest.mark.parametrize("lock", [Mutex, threading.Lock])
def test_philosophers(seats: int, ordered: bool, schedules: int, classes: int, shortest: int | None, lock: Any) -> None:
    """`EXPLORING.md`, ground truth: three independent engines agree."""
    scenario = philosophers(seats, ordered=ordered)
    if lock is threading.Lock:
        scenario = Scenario(partial(Table, seats), *scenario.tasks)
    by_states, by_traces = explore(scenario), explore(scenario, "traces")
    assert by_states.schedules == schedules
    assert (by_traces.classes, by_traces.runs) == (classes, classes)
    for found in (by_states, by_traces):
        assert found.verdict == ("proven" if ordered else "deadlock")
        assert len(found.deadlocks) == (not ordered)
        assert shortest is None or (found.shortest is not None and len(found.shortest) == shortest)


class Table:
    def __init__(self, seats: int) -> None:
        self.forks = [threading.Lock() for _ in range(seats)]


@pytest.mark.parametrize(("fixed", "classes"), [(False, 643), (True, 704)])
def test_the_circle_as_a_reader_writes_it(fixed: bool, classes: int) -> None:
    """kvm5 and kvm5-fixed of `EXPLORING.md`: SRCU and the semaphore hand-built on `Condition`."""
    found = explore(written_circle(fixed=fixed))
    assert (found.search, found.classes) == ("traces", classes)
    if fixed:
        assert found.verdict == "proven"
    else:
        assert [len(deadlock.schedule) for deadlock in found.deadlocks] == [13]
        assert len(found.deadlocks[0].waits) == 5


def test_all_orders_of_the_circles_tasks_have_as_many_classes() -> None:
    tasks = written_circle().tasks
    for order in itertools.islice(itertools.permutations(tasks), 0, 120, 17):
        assert explore(Scenario(written_circle().world, *order)).classes == 643


# Stories: each is a program that a search got wrong once.


class OneLock:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.cell = Shared(0)


def takes_it_if_told(w: OneLock) -> None:
    if w.cell.load() == 1:
        with w.lock:
            pass


def looks_at_it(w: OneLock) -> None:
    w.lock.locked()


def tells(w: OneLock) -> None:
    w.cell.store(w.cell.load() + 1)


def tries_for_it(w: OneLock) -> None:
    if w.lock.acquire(timeout=1):
        w.lock.release()


@pytest.mark.parametrize("order", list(itertools.permutations([takes_it_if_told, looks_at_it, tells, tries_for_it])))
def test_a_reversal_that_was_covered_is_not_covered_when_the_run_goes_on_in_another_way(order: Any) -> None:
    """To load before the store was covered by a run that had begun with `tries_for_it`. It no longer is once a run has
    `looks_at_it` before that: so old races are looked at again, with what follows now."""
    search = Search(Scenario(OneLock, *order), 100)
    assert search.keys is not None
    assert len(search.keys) == search.classes == search.runs == 16


class Nothing:
    def __init__(self) -> None:
        self.cell = Shared(0)
        self.lock = threading.Lock()
        self.event = threading.Event()


def test_a_thread_that_fails_before_its_first_operation_has_failed_in_every_run() -> None:
    """Its parent, who joins it for ever, is not deadlocked."""

    def fails() -> None:
        raise ValueError("no")

    def parent(w: Nothing) -> None:
        child = threading.Thread(target=fails)
        child.start()
        w.cell.store(1)
        child.join()

    def writes(w: Nothing) -> None:
        w.cell.store(2)

    found = explore(Scenario(Nothing, parent, writes, writes), "traces")
    assert (found.verdict, len(found.deadlocks), found.classes) == ("failed", 0, 6)
    assert [failure.message for failure in found.failures] == ["parent/1 raised ValueError: no"]


def test_one_deadlock_is_one_in_whatever_order_its_threads_were_started() -> None:
    def starts_a_waiter(w: Nothing) -> None:
        with w.lock:
            threading.Thread(target=w.event.wait).start()

    found = explore(Scenario(Nothing, starts_a_waiter, starts_a_waiter))
    assert found.classes == 4, "two orders of the lock, two of the waiters"
    (deadlock,) = found.deadlocks
    assert [wait.task for wait in deadlock.waits] == ["starts_a_waiter 1/1", "starts_a_waiter 2/1"]


def test_two_tasks_may_call_their_threads_the_same() -> None:
    def starts_a_worker(w: Nothing) -> None:
        worker = threading.Thread(target=tells, args=(w,), name="worker")
        worker.start()
        worker.join()

    found = explore(Scenario(Nothing, starts_a_worker, starts_a_worker))
    assert (found.verdict, found.classes) == ("proven", 4)


def test_a_lock_that_is_left_to_another_task_to_release_is_held_at_the_end_in_some_schedule() -> None:
    """Whether the release comes first is up to nobody, so every order of the tasks says the same."""

    def leaves_it(w: Nothing) -> None:
        w.lock.acquire()
        w.event.set()
        w.cell.store(1)

    def releases_it(w: Nothing) -> None:
        w.event.wait()
        w.lock.release()

    for tasks in itertools.permutations([leaves_it, releases_it]):
        for by in ("states", "traces"):
            found = explore(Scenario(Nothing, *tasks), by)
            assert [failure.message for failure in found.failures] == ["leaves_it ended while it holds lock."]
            assert len(found.failures[0].schedule) == 3


def test_what_follows_when_the_lock_is_released_in_time_is_found_too() -> None:
    """In one order the task fails, in the other all goes on, into a deadlock; nothing but its end tells them apart."""

    def leaves_it(w: Nothing) -> None:
        w.lock.acquire()
        w.cell.store(1)

    def releases_it_and_waits(w: Nothing) -> None:
        if w.lock.locked():
            w.lock.release()
            w.event.wait()

    for tasks in itertools.permutations([leaves_it, releases_it_and_waits]):
        for by in ("states", "traces"):
            found = explore(Scenario(Nothing, *tasks), by)
            assert [failure.message for failure in found.failures] == ["leaves_it ended while it holds lock."]
            assert [len(deadlock.schedule) for deadlock in found.deadlocks] == [5]


class TwoLocks:
    def __init__(self) -> None:
        self.again = threading.RLock()
        self.lock = threading.Lock()


def holds_one_then_the_other(w: TwoLocks) -> None:
    with w.again:
        pass
    with w.lock:
        pass


def releases(w: TwoLocks) -> None:
    w.lock.release()


def ends_early_if_it_fails(w: TwoLocks) -> None:
    if w.lock.acquire(timeout=1):
        if w.again.acquire(False):
            w.again.release()
        else:
            return
        w.lock.release()


@pytest.mark.parametrize(
    "order", list(itertools.permutations([holds_one_then_the_other, releases, ends_early_if_it_fails]))
)
def test_a_release_depends_on_all_that_the_holder_does_not_on_its_end_alone(order: Any) -> None:
    """Whether the try is the holder's last operation depends on a third task; one class was lost over that."""
    search, truth = Search(Scenario(TwoLocks, *order), 100), everything(Scenario(TwoLocks, *order), 200)
    assert search.keys == set(truth.classes)
    assert len(truth.classes) == search.classes == search.runs == 43
    assert search.found == (truth.deadlocks, truth.failures)


def test_a_failed_try_of_one_task_and_another_are_independent() -> None:
    """Of all sixteen schedules only the two in which both fail, one after the other, are one class."""

    def holds(w: Nothing) -> None:
        with w.lock:
            pass

    def tries(w: Nothing) -> None:
        w.lock.acquire(False) and w.lock.release()

    scenario = Scenario(Nothing, holds, tries, tries)
    truth = everything(scenario, 100)
    assert (truth.schedules, len(truth.classes), Search(scenario, 100).classes) == (16, 15, 15)


# What a search says of itself.


def test_a_search_that_has_used_up_its_runs_proves_nothing() -> None:
    found = explore(philosophers(5, ordered=True), "traces", max_runs=29)
    assert (found.verdict, found.classes, found.runs) == ("not finished", None, 29)
    assert "The budget of 29 runs ran out; raise max_runs." in " ".join(str(found).split())
    assert explore(philosophers(5, ordered=True), "traces", max_runs=30).verdict == "proven"


def test_what_was_found_before_the_runs_were_used_up_stands() -> None:
    found = explore(philosophers(5), "traces", max_runs=30)
    assert found.unfinished is not None
    assert found.verdict == "deadlock"


def test_progress_is_told_after_every_run() -> None:
    told: list[int] = []
    search = TraceSearch(philosophers(3), 100, progress=told.append).search()
    assert told == list(range(1, search.runs))


def test_a_schedule_repeats_what_it_is_the_schedule_of() -> None:
    for seed in range(400_000_000, 400_000_060):
        one = program(seed)
        found = explore(one.scenario(), "traces", max_runs=100)
        for deadlock in found.deadlocks:
            again = replay(one.scenario(), deadlock.replay)
            assert again.deadlock is not None, one
            assert (again.deadlock.waits, again.schedule) == (deadlock.waits, deadlock.schedule), one
        for failure in found.failures:
            if failure.kind != "race":
                again = replay(one.scenario(), failure.replay)
                assert again.failures[0].message == failure.message, one


def test_a_task_that_remembers_an_earlier_run_is_not_repeatable() -> None:
    seen: list[int] = []

    def remembers(w: Nothing) -> None:
        seen.append(1)
        (w.lock.locked if len(seen) % 2 else w.event.is_set)()

    def writes(w: Nothing) -> None:
        with w.lock:
            w.event.set()

    found = explore(Scenario(Nothing, remembers, writes, writes), "traces")
    assert (found.verdict, found.failures[0].kind) == ("failed", "not repeatable")
    assert "remembers is not repeatable: after the same results it did" in found.failures[0].message


class Plenty:
    def __init__(self) -> None:
        self.locks = [threading.Lock() for _ in range(3)]
        self.cells = [Shared(0) for _ in range(2)]


def erratic(seed: int, chance: Random) -> Any:
    """A task that now and then does something else than it did before."""

    def task(w: Plenty) -> None:
        usual = Random(seed)
        for _ in range(4):
            at = usual.randrange(2)
            kind = usual.randrange(4)
            if chance.random() < 0.1:
                at = 1 - at
            if kind == 0:
                with w.locks[at]:
                    w.cells[at].store(at)
            elif kind == 1:
                w.cells[at].load()
            elif kind == 2:
                if chance.random() < 0.1:
                    return
            elif chance.random() < 0.9:
                threading.Thread(target=w.cells[at].load).start()

    task.__name__ = f"erratic{seed}"
    return task


@pytest.mark.parametrize("seed", range(0, 300, 3))
def test_whatever_an_unrepeatable_program_does_it_is_called_that(seed: int) -> None:
    chance = Random(seed)
    tasks = [erratic(number, chance) for number in range(seed, seed + 3)]
    found = explore(Scenario(Plenty, *tasks), "traces", max_runs=40)
    if found.verdict == "failed":
        (failure,) = found.failures
        assert failure.kind == "not repeatable"
    else:
        assert found.runs is not None
        assert found.runs <= 40


TEXT = """
import sys
from benchmarks.scenarios import philosophers, written_circle
from kvmlab import explore, run
from tests.oracles.threaded import program
for scenario in (philosophers(4), written_circle(), written_circle(fixed=True)):
    print(explore(scenario, "traces"))
for seed in range(40):
    print(explore(program(seed).scenario(), "traces", max_runs=100))
    print(explore(program(seed).scenario(), "traces", max_runs=100, notify_order="any", max_timeouts=2))
"""


def test_the_text_is_the_same_for_every_hash_seed() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", TEXT],
            cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }  # fmt: skip
    (text,) = said
    assert text.count("\n") > 1000
    assert " at 0x" not in text
