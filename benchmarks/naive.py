"""The naive way as a peer: replay every schedule from its start, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from benchmarks.exploring import explored, times
from benchmarks.measure import measure
from benchmarks.registry import Effort, Row, benchmark
from benchmarks.scenarios import circle, philosophers
from kvmlab import Scenario, explore
from kvmlab.controlled import Controlled
from kvmlab.verdict import plural


def replay_all(scenario: Scenario) -> tuple[int, int]:
    """How many complete schedules there are, and how many of them end in a deadlock: one run for each."""
    schedules = deadlocked = 0
    todo: list[tuple[int, ...]] = [()]
    while todo:
        way = todo.pop()
        with Controlled(scenario) as run:
            run.start_all()
            for number in way:
                run.move(run.fibers[number])
            while movable := [number for number, fiber in enumerate(run.fibers) if run.can_move(fiber)]:
                todo += [(*way, number) for number in movable[1:]]
                way = (*way, movable[0])
                run.move(run.fibers[movable[0]])
            schedules += 1
            deadlocked += not all(fiber.ended for fiber in run.fibers)
    return schedules, deadlocked


@benchmark("naive")
def compare_with_naive_replay(effort: Effort) -> Iterator[Row]:
    """Small worlds, explored and replayed; and what replaying the circle would take."""
    repeats = effort.pick(tiny=1, quick=2, full=5)
    worlds: list[Callable[[], Scenario]] = effort.pick(
        tiny=[partial(philosophers, 2)],
        quick=[partial(philosophers, 3), partial(circle, 0, hotplug=False)],
        full=[partial(philosophers, 3), partial(circle, 0, hotplug=False)],
    )
    pace = 0.0
    for make in worlds:
        states, naive, pace = _compare(make, repeats)
        yield states
        yield naive
    schedules = explore(circle()).schedules or 0
    hours = schedules * pace / 3600
    yield Row("circle, all replayed", None, size=plural(schedules, "run"), note=f"at this pace: {hours:.1f} hours")


def _compare(make: Callable[[], Scenario], repeats: int) -> tuple[Row, Row, float]:
    """A world explored, then replayed, and the seconds per replay; the numbers of schedules must agree."""
    states, result = explored(make, repeats), explore(make())
    schedules = result.schedules or 0
    found: set[tuple[int, int]] = set()
    timing = measure(lambda: found.add(replay_all(make())), repeats)
    assert found == {(schedules, result.deadlocked)}, f"{result.scenario}: {found} by naive replay"
    naive = Row(f"{states.what}, all replayed", timing, size=plural(schedules, "run"), verdict=states.verdict)
    naive = replace(naive, note=f"{times(naive, states)} the row before")
    return replace(states, what=f"{states.what}, explored"), naive, timing.best / schedules
