"""The bench: what it finds, what it counts, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from kvmlab import Mutex, Scenario, Shared
from kvmlab.practice.bench import OPERATIONS, Bench, Over
from kvmlab.practice.ending import Unmet


class World:
    def __init__(self) -> None:
        self.lock = Mutex()
        self.count = Shared(0)


def adds(w: World) -> None:
    w.count.store(w.count.load() + 1)


def adds_safely(w: World) -> None:
    with w.lock:
        adds(w)


def two(w: World) -> None:
    if w.count.load() != 2:
        raise Unmet("lost", f"Two were added, and the count is {w.count.load()}.")


def test_lost_update_is_found_at_the_end() -> None:
    bench = Bench()
    bench.prove("two tasks add", Scenario(World, adds, adds), ends=two)
    (finding,) = bench.findings
    assert (finding.kind, finding.sentence) == ("unmet", "Two were added, and the count is 1.")
    assert finding.shape == ("unmet", "two tasks add", "lost")


def test_what_holds_at_the_end_is_no_finding() -> None:
    bench = Bench()
    bench.prove("two tasks add", Scenario(World, adds_safely, adds_safely), ends=two)
    assert bench.findings == []
    assert bench.checked[0].startswith("two tasks add: ")


def test_the_end_waits_for_nobody_so_a_deadlock_is_the_same() -> None:
    def stuck(w: World) -> None:
        w.lock.lock()
        w.lock.lock()

    bench = Bench()
    bench.prove("alone", Scenario(World, stuck), ends=two)
    assert [finding.kind for finding in bench.findings] == ["deadlock"]


def test_shapes_do_not_depend_on_the_names_of_functions() -> None:
    def other_name(w: World) -> None:
        w.count.store(w.count.load() + 1)

    shapes = []
    for task in (adds, other_name):
        bench = Bench()
        bench.prove("two tasks add", Scenario(World, task, task), ends=two)
        shapes.append([finding.shape for finding in bench.findings])
    assert shapes[0] == shapes[1]


def shape_of_a_deadlock(first: str, second: str, *, own_locks: bool) -> list[tuple[Any, ...]]:
    class Own:
        def __init__(self) -> None:
            setattr(self, first, Mutex())
            setattr(self, second, Mutex())

    def one(w: Own) -> None:
        with getattr(w, first), getattr(w, second):
            pass

    def other(w: Own) -> None:
        with getattr(w, second), getattr(w, first):
            pass

    bench = Bench()
    bench.own_locks = own_locks
    bench.prove("two tasks", Scenario(Own, one, other))
    return [finding.shape for finding in bench.findings]


def test_where_a_reader_names_the_locks_shapes_do_not_depend_on_their_names() -> None:
    fork = shape_of_a_deadlock("left_fork", "right_fork", own_locks=True)
    assert fork == shape_of_a_deadlock("z", "a", own_locks=True) != []
    assert fork != shape_of_a_deadlock("left_fork", "right_fork", own_locks=False)


def test_plain_data_that_a_task_writes_is_seen_behind_the_end() -> None:
    seen: list[int] = []

    def remembers(w: World) -> None:
        seen.append(1)
        w.count.store(len(seen))

    bench = Bench()
    bench.prove("alone", Scenario(World, remembers), ends=lambda w: None)
    assert [finding.kind for finding in bench.findings] == ["not repeatable"]


def test_a_budget_that_runs_out_is_never_a_pass() -> None:
    bench = Bench(states=5)
    with pytest.raises(Over):
        bench.prove("two tasks", Scenario(World, adds_safely, adds_safely))
    assert [finding.kind for finding in bench.findings] == ["not finished"]


def test_a_program_of_many_words_is_proven() -> None:
    def locks_often(w: World) -> None:
        for _ in range(OPERATIONS // 2 - 1):
            with w.lock:
                pass

    assert OPERATIONS > 100
    bench = Bench()
    bench.prove("two tasks", Scenario(World, locks_often, locks_often))
    assert bench.findings == []


def spins(w: World) -> None:
    while not w.lock.trylock():
        pass
    w.lock.unlock()


def talks(w: World) -> None:
    for _ in range(OPERATIONS + 1):
        w.count.load()


@pytest.mark.parametrize("tasks", [[adds_safely, spins], [talks]], ids=["tries again", "does much"])
def test_what_has_not_ended_is_said_to_have_not_ended_and_no_more(tasks: list[Any]) -> None:
    bench = Bench()
    with pytest.raises(Over):
        bench.prove("some tasks", Scenario(World, *tasks))
    (finding,) = bench.findings
    assert finding.sentence == (
        f"{tasks[-1].__name__} has done {OPERATIONS} operations and has not ended. A check goes no further."
    )


def test_a_world_that_cannot_be_made_is_a_sentence() -> None:
    def world() -> Any:
        raise RuntimeError("no")

    bench = Bench()
    bench.prove("alone", lambda: Scenario(world, adds))
    assert [finding.kind for finding in bench.findings] == ["cannot run"]
    assert "raised RuntimeError: no" in bench.findings[0].sentence


def test_a_task_with_the_wrong_number_of_arguments_is_a_sentence() -> None:
    def nothing() -> None: ...

    bench = Bench()
    bench.prove("alone", lambda: Scenario(World, nothing))  # type: ignore[arg-type]
    assert "does not take exactly one argument" in bench.findings[0].sentence


def test_call_gives_what_the_code_returns() -> None:
    bench = Bench()
    assert bench.call("adds", "adding", lambda: 1 + 1) == 2
    assert bench.findings == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(lambda: 1 / 0, "raised", id="raises"),
        pytest.param(lambda: exec("while True: pass"), "stuck", id="spins"),
    ],
)
def test_call_survives_what_the_code_does(body: Any, kind: str) -> None:
    bench = Bench()
    with pytest.raises(Over):
        bench.call("first_report", "calling", body)
    assert [finding.kind for finding in bench.findings] == [kind]
    assert "first_report" in bench.findings[0].sentence


def test_call_may_use_locks_of_its_own() -> None:
    def locks() -> str:
        lock = Mutex()
        with lock:
            return "done"

    assert Bench().call("locks", "locking", locks) == "done"
