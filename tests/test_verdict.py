"""The texts that a learner reads, word for word."""

from __future__ import annotations

import pytest

from kvmlab import Scenario, explore, replay, run
from kvmlab.verdict import Deadlock, Schedule, Wait, abridged, plural, table
from tests.oracles.cells import cell, written
from tests.oracles.waiters import WAITERS

NOTEBOOK = cell("""
    class World:
        def __init__(self):
            self.kvm_lock = Mutex()
            self.slots_lock = Mutex()
            self.done = Completion()
            self.users = Refcount()


    def one(w):
        with w.kvm_lock:
            with w.slots_lock:
                pass


    def other(w):
        with w.slots_lock:
            with w.kvm_lock:
                pass


    def fixed(w):
        with w.kvm_lock:
            pass
        with w.slots_lock:
            pass


    def forgets(w):
        w.kvm_lock.lock()
        w.users.inc()


    def raises(w):
        with w.kvm_lock:
            raise ValueError("no such VM")


    def tries(w):
        while not w.kvm_lock.trylock():
            pass
        w.kvm_lock.unlock()


    def waits(w):
        w.done.wait()
""")

ASSUMES = """\
Assumes: the tasks do the same each time they meet the same results; all
  waiting goes through kvmlab's primitives; what tasks share and change is
  guarded by them.
"""
BY_STATES = """\
Searched by states: everything that the tasks share and change is a
  resource."""


def scenario(*tasks: str) -> Scenario:
    return Scenario(NOTEBOOK["World"], *(NOTEBOOK[task] for task in tasks))


def test_a_deadlock_with_its_schedule_its_waits_and_how_to_repeat_it() -> None:
    assert str(explore(scenario("one", "other"))) == (
        written("""
            World: deadlock, 1 way, in 2 of 6 schedules.

            Deadlock after 2 operations:
              1.  one    lock(kvm_lock)    line 10: with w.kvm_lock:
              2.  other  lock(slots_lock)  line 16: with w.slots_lock:
            then nobody can move:
              one waits for slots_lock: other holds it.
                line 11: with w.slots_lock:
              other waits for kvm_lock: one holds it.
                line 17: with w.kvm_lock:
            replay(…, "1-2") repeats it.

        """)
        + "\n\n"
        + BY_STATES
    )


def test_a_proof_with_the_number_of_schedules_and_what_it_assumes() -> None:
    assert str(explore(scenario("one", "fixed", "fixed"))) == (
        "World: proven. No deadlock and no failure in any of 194 schedules.\n" + ASSUMES + BY_STATES
    )


def test_a_proof_by_traces_counts_inequivalent_schedules() -> None:
    assert str(explore(scenario("one", "fixed"), by="traces")) == (
        "World: proven. No deadlock and no failure in any of 3 inequivalent schedules.\n"
        + ASSUMES
        + "Searched by traces: as asked."
    )


def test_failures_each_with_schedule_and_line() -> None:
    assert str(explore(scenario("forgets", "raises"))) == (
        written("""
            World: failed, 2 ways.

            Failure after 2 operations:
              1.  forgets  lock(kvm_lock)       line 29: w.kvm_lock.lock()
              2.  forgets  refcount_inc(users)  line 30: w.users.inc()
              forgets ended while it holds kvm_lock.
              at forgets, cell line 29: w.kvm_lock.lock()
            replay(…, "1-1") repeats it.

            Failure after 2 operations:
              1.  raises  lock(kvm_lock)    line 34: with w.kvm_lock:
              2.  raises  unlock(kvm_lock)  line 34: with w.kvm_lock:
              raises raised ValueError: no such VM
              at raises, cell line 35: raise ValueError("no such VM")
            replay(…, "2-2") repeats it.
        """)
        + "\n\n"
        + BY_STATES
    )


def test_a_task_that_never_ends() -> None:
    text = str(explore(scenario("one", "tries"), max_operations=4))
    assert text.startswith(
        written("""
            World: failed, 1 way.

            Failure after 5 operations:
              1.  one    lock(kvm_lock)     line 10: with w.kvm_lock:
              2.  tries  trylock(kvm_lock)  line 39: while not w.kvm_lock.trylock():
              3.  tries  trylock(kvm_lock)  line 39: while not w.kvm_lock.trylock():
              4.  tries  trylock(kvm_lock)  line 39: while not w.kvm_lock.trylock():
              5.  tries  trylock(kvm_lock)  line 39: while not w.kvm_lock.trylock():
              tries has done 4 operations and has not ended: does a loop wait by trying
                again? Wait in an operation that blocks, or bound the loop.
              at tries, cell line 39: while not w.kvm_lock.trylock():
            replay(…, "1-2x4", max_operations=4) repeats it.
        """)
    )


@pytest.mark.parametrize("by", ["states", "traces"])
def test_the_call_that_repeats_it_has_the_notify_order(by: str) -> None:
    """Only if it is another one than `replay` takes by itself."""
    found = explore(WAITERS, by, notify_order="any")
    calls = [line for line in str(found).splitlines() if line.endswith("repeats it.")]
    ways = [*found.deadlocks, *found.failures]
    assert calls == [f'replay(…, "{way.replay}", notify_order="any") repeats it.' for way in ways]
    for way in ways:
        run = replay(WAITERS, way.replay, notify_order="any")
        assert [*run.deadlocks, *run.failures] == [way]
    assert "notify_order" not in str(explore(WAITERS, by))


@pytest.mark.parametrize(
    ("by", "budget", "text"),
    [
        ("states", {"max_states": 5}, "The budget of 5 states ran out; raise max_states."),
        ("traces", {"max_runs": 2}, "The budget of 2 runs ran out; raise max_runs."),
    ],
)
def test_a_budget_that_ran_out_is_no_proof(by: str, budget: dict[str, int], text: str) -> None:
    found = explore(scenario("fixed", "fixed", "fixed"), by=by, **budget)  # type: ignore[arg-type]
    assert found.verdict == "not finished"
    assert found.unfinished == text
    assert " ".join(str(found).split()).startswith(f"World: not finished, so nothing is proven. {text}")
    assert "Assumes" not in str(found)


def test_what_was_found_before_the_budget_ran_out_is_said_without_a_share() -> None:
    found = explore(scenario("one", "other", "fixed"), max_states=20)
    assert (found.verdict, found.schedules, found.deadlocked) == ("deadlock", None, None)
    assert str(found).startswith("World: deadlock, 1 way, in some schedules.")
    said = " ".join(str(found).split())
    assert said.endswith(
        "There may be more: the search did not end. The budget of 20 states ran out; raise max_states."
    )


def test_a_live_run_says_what_happened() -> None:
    assert str(run(scenario("one", "other"), "1-2")) == written("""
        Deadlock: no task can move.
          one waits for slots_lock: other holds it.
            line 11: with w.slots_lock:
          other waits for kvm_lock: one holds it.
            line 17: with w.kvm_lock:
    """)
    assert str(run(scenario("raises", "fixed"), "1")) == written("""
        Failed.
          raises raised ValueError: no such VM
          at raises, cell line 35: raise ValueError("no such VM")
    """)
    assert str(run(scenario("fixed"))) == "Finished: every task came to its end."


def test_a_beginning_says_who_could_be_next() -> None:
    assert str(replay(scenario("one", "other"), "1")) == (
        "Not finished: the schedule ended; next could be one or other."
    )


def test_the_shortest_schedule_is_of_a_deadlock_if_there_is_one() -> None:
    found = explore(scenario("one", "other", "raises"))
    assert (len(found.deadlocks) > 0, len(found.failures) > 0) == (True, True)
    assert found.shortest == found.deadlocks[0].schedule
    assert explore(scenario("raises")).shortest == explore(scenario("raises")).failures[0].schedule
    assert explore(scenario("fixed")).shortest is None


def test_of_many_ways_three_are_shown_and_the_others_counted() -> None:
    """Each of four tasks may be the one that is left waiting."""
    found = explore(scenario("waits", "waits", "waits", "waits", "completes_one"))
    assert len(found.deadlocks) == 4
    assert "World: deadlock, 4 ways, in 4 of 4 schedules." in str(found)
    assert str(found).count("Deadlock after") == 3
    assert "and 1 more, in .deadlocks" in str(found)


NOTEBOOK["completes_one"] = lambda w: w.done.complete()


def test_the_middle_of_a_long_schedule_is_left_out() -> None:
    schedule = replay(Scenario(NOTEBOOK["World"], many), "1x200").schedule
    lines = str(schedule).splitlines()
    assert len(lines) == 61
    assert lines[50] == "        … 140 more …"
    assert lines[49].startswith("  50.   many          refcount_inc(users)  line")
    assert lines[51].startswith("  191.  many          refcount_inc(users)  line")


@pytest.mark.parametrize(("count", "left_out"), [(59, 0), (60, 0), (61, 1), (63, 3), (1060, 1000)])
def test_what_is_left_out_is_counted(count: int, left_out: int) -> None:
    """Fifty are shown at the beginning, ten at the end."""
    rows = [(f"{number}.", "", "", "") for number in range(1, count + 1)]
    said = abridged(rows)
    assert [row for row in said if row in rows] == ([*rows[:50], *rows[-10:]] if left_out else rows)
    assert [row for row in said if row not in rows] == ([("", f"… {left_out:,} more …", "", "")] if left_out else [])


def many(w: object) -> None:
    for _ in range(200):
        w.users.inc()  # type: ignore[attr-defined]


def deadlock(**waits: tuple[str, ...]) -> Deadlock:
    return Deadlock(Schedule((), ""), tuple(Wait(task, "r", holders) for task, holders in waits.items()), {}, {}, {})


@pytest.mark.parametrize(
    ("waits", "circle"),
    [
        ({}, ()),
        ({"a": ("a",)}, ("a", "a")),
        ({"a": ("b",), "b": ("a",)}, ("a", "b", "a")),
        ({"a": ("b",), "b": ("c",), "c": ("b",)}, ("b", "c", "b")),
        ({"a": (), "b": ("a",)}, ()),
        ({"a": (), "b": ("a", "c"), "c": ("b",)}, ("b", "c", "b")),
        ({"a": ("x", "b"), "b": ("y", "a")}, ("a", "b", "a")),
    ],
)
def test_one_circle_of_waits_is_named_if_there_is_one(
    waits: dict[str, tuple[str, ...]], circle: tuple[str, ...]
) -> None:
    """Also when the first one waited for leads nowhere."""
    assert deadlock(**waits).cycle == circle


def test_numbers_and_tables_for_people() -> None:
    assert [plural(1, "schedule"), plural(0, "state"), plural(1234567, "run")] == [
        "1 schedule", "0 states", "1,234,567 runs"
    ]  # fmt: skip
    assert table([("a", "bb"), ("ccc", "d")]) == "  a    bb\n  ccc  d"
    assert table([]) == ""
