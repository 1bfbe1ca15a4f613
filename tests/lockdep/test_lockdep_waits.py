"""Where a task may wait: the rows of the wait-context selftest for a kernel without PREEMPT_RT, in process context."""

from __future__ import annotations

import pytest
from lockdep_histories import inside, play

from kvmlab.lockdep import KINDS, RULES

TAKE = {
    "mutex": "lock",
    "spin": "lock",
    "rwlock": "read_lock",
    "rwsem": "read_lock",
    "percpu_rwsem": "read_lock",
    "srcu": "read_lock",
    "rcu": "read_lock",
    "pseudo": "lock",
}
SLEEPS = {"mutex", "rwsem"}
SPINS = {"spin", "rwlock", "rcu"}

both = pytest.mark.parametrize("linux", RULES)


def test_every_kind_has_its_row() -> None:
    assert set(TAKE) == set(KINDS)


@both
@pytest.mark.parametrize("inner", TAKE)
@pytest.mark.parametrize("outer", TAKE)
def test_only_a_lock_to_sleep_for_is_forbidden_and_only_where_nobody_may_sleep(
    outer: str, inner: str, linux: str
) -> None:
    outcome = play(inside(f"{TAKE[outer]} x", f"{TAKE[inner]} y"), kinds={"x": outer, "y": inner}, linux=linux)
    if outer in SPINS and inner in SLEEPS:
        assert (outcome.verdict, outcome.kind, outcome.cycle) == ("reported", "Invalid wait context", None)
    else:
        assert outcome.verdict == "silent"


@both
def test_a_try_does_not_wait_but_what_it_got_counts(linux: str) -> None:
    kinds = {"s": "spin", "t": "spin"}
    assert play(inside("lock s", "trylock m"), kinds=kinds, linux=linux).verdict == "silent"
    assert play(inside("trylock s", "lock m"), kinds=kinds, linux=linux).kind == "Invalid wait context"
    # A mutex that was got by a try does not make it a place to sleep again.
    assert play(inside("lock s", "trylock m", "lock n"), kinds=kinds, linux=linux).kind == "Invalid wait context"
    assert play(inside("lock s", "trylock m", "lock t"), kinds=kinds, linux=linux).verdict == "silent"


@both
def test_it_is_said_before_a_circle_is(linux: str) -> None:
    steps = [inside("lock m", "lock s"), inside("lock s", "lock m")]
    assert play(*steps, kinds={"s": "spin"}, linux=linux).kind == "Invalid wait context"


@both
def test_might_lock_asks_too_and_an_unlock_takes_the_inner_locks_anew(linux: str) -> None:
    assert play(inside("lock s", "might_lock m"), kinds={"s": "spin"}, linux=linux).kind == "Invalid wait context"
    assert play("lock m, lock s, unlock m, unlock s", kinds={"s": "spin"}, linux=linux).verdict == "silent"


def test_the_report_names_both_locks_and_says_what_it_means() -> None:
    report = play(inside("read_lock r", "lock m"), kinds={"r": "rcu"}).report
    assert report is not None
    assert report.final
    assert str(report).splitlines() == [
        "BUG: Invalid wait context",
        "task is trying to acquire lock:",
        "  lock(m), at step 1 (): lock m",
        "but task is already holding lock:",
        "  rlock(r), at step 1 (): read_lock r",
        "",
        "1 lock held by task:",
        " #0: rlock(r), at step 1 (): read_lock r",
        "",
        "task may have to sleep for m while it reads r, where nobody may sleep.",
    ]
