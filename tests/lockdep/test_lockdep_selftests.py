"""The kernel's own boot-time cases, lib/locking-selftest.c 6.12, as facts.md 8.8 lists them.

Quiet means that lockdep must say nothing, report that it must. IRQ, wound/wait, fs_reclaim, wait-context and
local_lock cases are left out with what they are about.
"""

from __future__ import annotations

import itertools

import pytest
from lockdep_histories import inside, play

from kvmlab.lockdep import Kind, Lock, Strength, Validator

FORCED = Kind("rwlock", reader=Strength.RECURSIVE)  # during the main part read_lock() is made recursive
COLUMNS: dict[str, tuple[str | Kind, str]] = {
    "spin": ("spin", "lock"),
    "wlock": (FORCED, "lock"),
    "rlock": (FORCED, "read_lock"),
    "mutex": ("mutex", "lock"),
    "wsem": ("rwsem", "lock"),
    "rsem": ("rwsem", "read_lock"),
    "rtmutex": ("mutex", "lock"),
}
ROWS = {
    "ABBA": "AB BA",
    "ABBCCA": "AB BC CA",
    "ABCABC": "AB CA BC",
    "ABBCCDDA": "AB BC CD DA",
    "ABCDBDDA": "AB CD BD DA",
    "ABCDBCDA": "AB CD BC DA",
}
both = pytest.mark.parametrize("linux", ["6.12", "complete"])


@both
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("row", ROWS)
def test_matrix_of_circles(row: str, column: str, linux: str) -> None:
    kind, take = COLUMNS[column]
    pairs = [inside(f"{take} {outer}", f"{take} {inner}") for outer, inner in ROWS[row].split()]
    outcome = play(*pairs, kinds=dict.fromkeys("ABCD", kind), linux=linux)
    if column == "rlock":
        assert outcome.verdict == "silent"
    else:
        assert (outcome.kind, outcome.step) == ("possible circular locking", len(pairs))


@both
@pytest.mark.parametrize("column", COLUMNS)
def test_matrix_two_instances_of_one_class(column: str, linux: str) -> None:
    kind, take = COLUMNS[column]
    outcome = play(
        inside(f"{take} X1", f"{take} X2"), kinds={"X1": kind, "X2": kind}, classes={"X1": "X", "X2": "X"}, linux=linux
    )
    assert outcome.kind == (None if column == "rlock" else "possible recursive locking")


@both
@pytest.mark.parametrize("column", COLUMNS)
def test_matrix_double_unlock(column: str, linux: str) -> None:
    kind, take = COLUMNS[column]
    give = take.replace("lock", "unlock")
    outcome = play(f"{take} A", f"{give} A", f"{give} A", kinds={"A": kind}, linux=linux)
    assert (outcome.kind, outcome.step) == ("bad unlock balance", 3)


@both
@pytest.mark.parametrize("column", COLUMNS)
def test_matrix_initialize_held(column: str, linux: str) -> None:
    kind, take = COLUMNS[column]
    validator, lock = Validator(linux), Lock("A", kind)
    assert validator.acquire("task", lock, shared=take == "read_lock") is None
    report = validator.init("task", lock)
    assert report is not None
    assert report.kind == "held lock freed"


RECURSIVE_READS = {
    "recursive read-lock (AA1)": (inside("read_lock X1", "read_lock X1"), "quiet", "report"),
    "recursive read-lock #2 (AA1B)": (inside("read_lock X1", "read_lock X2"), "quiet", "report"),
    "mixed read-write (AA2)": (inside("read_lock X1", "lock X2"), "report", "report"),
    "mixed write-read (AA3)": (inside("lock X1", "read_lock X2"), "report", "report"),
}


@both
@pytest.mark.parametrize("case", RECURSIVE_READS)
def test_read_write_recursion(case: str, linux: str) -> None:
    step, rwlock, rwsem = RECURSIVE_READS[case]
    classes = {"X1": "X", "X2": "X"}
    for kind, expected in ((FORCED, rwlock), ("rwsem", rwsem)):
        outcome = play(step, kinds=dict.fromkeys(classes, kind), classes=classes, linux=linux)
        assert outcome.kind == (None if expected == "quiet" else "possible recursive locking")


MIXED = {
    "read-lock/lock-write ABBA (ABBA1)": (["read_lock X/lock Y", "lock Y/lock X"], "report", "report"),
    "read-lock/lock-read ABBA (ABBA2)": (["read_lock X/lock Y", "lock Y/read_lock X"], "quiet", "report"),
    "write-lock/lock-write ABBA (ABBA3)": (["lock X/lock Y", "lock Y/lock X"], "report", "report"),
    "chain cached R-L/L-W ABBA": (
        ["read_lock X/lock Y", "lock Y/read_lock X", "lock Y/lock X"],
        "report",
        "report",
    ),
}


@both
@pytest.mark.parametrize("case", MIXED)
def test_mixed_abba_with_a_reader_and_a_mutex(case: str, linux: str) -> None:
    pairs, rwlock, rwsem = MIXED[case]
    steps = [inside(*pair.split("/")) for pair in pairs]
    for kind, expected in ((FORCED, rwlock), ("rwsem", rwsem)):
        outcome = play(*steps, kinds={"X": kind}, linux=linux)
        assert outcome.kind == (None if expected == "quiet" else "possible circular locking")


def test_chain_cache_tells_a_read_from_a_write() -> None:
    """The write under Y is reported although a read under Y was found harmless just before."""
    steps = [inside("read_lock X", "lock Y"), inside("lock Y", "read_lock X"), inside("lock Y", "lock X")]
    assert play(*steps, kinds={"X": FORCED}).step == 3


THREE_LOCKS = {
    "W1R2/W2R3/W3R1": (["WX RY", "WY RZ", "WZ RX"], "report"),
    "W1W2/R2R3/W3R1": (["WX WY", "RY RZ", "WZ RX"], "report"),
    "W1W2/R2R3/R3W1": (["WX WY", "RY RZ", "RZ WX"], "quiet"),
    "W1R2/R2R3/W3W1": (["WX RY", "RY RZ", "WZ WX"], "quiet"),
}


@both
@pytest.mark.parametrize("case", THREE_LOCKS)
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=lambda order: "".join(map(str, order)))
def test_three_locks_with_recursive_reads(case: str, order: tuple[int, ...], linux: str) -> None:
    parts, expected = THREE_LOCKS[case]
    word = {"W": "lock", "R": "read_lock"}
    steps = [inside(*(f"{word[how]} {lock}" for how, lock in parts[number].split())) for number in order]
    outcome = play(*steps, kinds=dict.fromkeys("XYZ", FORCED), linux=linux)
    assert (outcome.kind, outcome.step) == ((None, None) if expected == "quiet" else ("possible circular locking", 3))


@both
def test_queued_read_lock_in_process_context_is_not_recursive(linux: str) -> None:
    """The real rwlock, outside the forced part: two readers that meet a waiting writer."""
    steps = [inside("read_lock X", "lock Y"), inside("lock Y", "read_lock X")]
    assert play(*steps, kinds={"X": "rwlock", "Y": "spin"}, linux=linux).kind == "possible circular locking"
