"""rcutorture's SRCU cases, kernel/rcu/rcutorture.c 6.12, facts.md 8.9: D closes the ring, L is its length."""

from __future__ import annotations

import pytest
from lockdep_histories import inside, play


def _wait(j: int | None) -> list[str]:
    return [] if j is None else [f"synchronize s{j}"]


def srcu(i: int, j: int | None) -> list[str]:
    return [inside(f"read_lock s{i}", *_wait(j))]


def srcu_mutex(i: int, j: int | None) -> list[str]:
    return [inside(f"read_lock s{i}", f"lock m{i}"), inside(f"lock m{i}", *_wait(j))]


def srcu_rwsem(i: int, j: int | None) -> list[str]:
    return [inside(f"read_lock s{i}", f"read_lock w{i}"), inside(f"lock w{i}", *_wait(j))]


TESTS = {0: srcu, 1: srcu_mutex, 2: srcu_rwsem}


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("deadlock", [0, 1])
@pytest.mark.parametrize("linux", ["6.12", "complete", "6.1"])
def test_test_srcu_lockdep(deadlock: int, test: int, length: int, linux: str) -> None:
    last = 0 if deadlock else None
    steps = [step for i in range(length) for step in TESTS[test](i, i + 1 if i + 1 < length else last)]
    kinds = {f"s{i}": "srcu" for i in range(length)} | {f"w{i}": "rwsem" for i in range(length)}
    outcome = play(*steps, kinds=kinds, linux=linux)
    alone = test == 0 and length == 1
    if not deadlock:
        assert outcome.verdict == "silent"
    elif linux == "6.1":
        assert outcome.kind == ("suspicious RCU usage" if alone else None)
    else:
        assert outcome.kind == ("possible recursive locking" if alone else "possible circular locking")
        assert outcome.step == len(steps)
