"""Explore every schedule of a scenario: choose a search, confirm what it found, say what it means."""

from __future__ import annotations

from collections.abc import Iterable

from kvmlab.controlled import watched
from kvmlab.diagnosis import OPERATIONS, not_repeatable
from kvmlab.errors import NeedsTraces, ScenarioError
from kvmlab.printing import captured
from kvmlab.replay import play
from kvmlab.scenario import Scenario
from kvmlab.states import Halt, StateSpace
from kvmlab.traces import TraceSearch
from kvmlab.verdict import Deadlock, Exploration, Failure, Run

STATES = 1_000_000
"""How many states the search by states visits before it gives up."""

RUNS = 100_000
"""How many runs the search by traces makes before it gives up."""

ALL_RESOURCES = "everything that the tasks share and change is a resource"


def explore(
    scenario: Scenario,
    by: str | None = None,
    *,
    max_states: int = STATES,
    max_runs: int = RUNS,
    max_operations: int = OPERATIONS,
) -> Exploration:
    """Look at every schedule of `scenario` and say what can happen.

    Args:
        scenario: a world and its tasks.
        by: ``"states"`` or ``"traces"`` forces one search; by default states, unless a task writes plain data.
        max_states: budget of the search by states, in states.
        max_runs: budget of the search by traces, in runs.
        max_operations: how many operations one task may do in one run before it counts as endless.

    Returns:
        The verdict with its evidence. When a budget runs out it is ``not finished``, unless something was found.

    Raises:
        ScenarioError: a call that cannot work, or ``by="states"`` for a world that this search cannot take.
    """
    if not isinstance(scenario, Scenario):
        raise ScenarioError(f"explore takes a Scenario, not {scenario!r}: write explore(Scenario(World, task, task))")
    if by not in (None, "states", "traces"):
        raise ScenarioError(f'by is "states" or "traces", not {by!r}')
    budgets = {"max_states": max_states, "max_runs": max_runs, "max_operations": max_operations}
    for name, budget in budgets.items():
        if type(budget) is not int or budget < 1:
            raise ScenarioError(f"{name} is a whole number from 1, not {budget!r}")
    with watched(), captured():
        if by == "traces":
            return _by_traces(scenario, "you asked for it", max_runs, max_operations)
        try:
            return _by_states(scenario, by, max_states, max_operations)
        except NeedsTraces as reason:
            if by == "states":
                raise ScenarioError(
                    f'{reason}. Keep what tasks share in resources (Shared for a plain value), or use by="traces".'
                ) from None
            return _by_traces(scenario, str(reason), max_runs, max_operations)


def _by_states(scenario: Scenario, by: str | None, limit: int, operations: int) -> Exploration:
    why = "you asked for it" if by else ALL_RESOURCES
    try:
        space = StateSpace(scenario, limit, operations)
    except Halt as halt:
        return Exploration(scenario.name, "failed", (), (halt.failure,), "states", why)
    dead = {space.wait_key(at): at for at in reversed(space.dead)}
    bad = {space.failure_key(at): at for at in reversed(list(space.failed))}
    ways = [tuple(space.way_to(at)) for at in sorted([*dead.values(), *bad.values()])]
    unfinished = None if space.complete else f"The budget of {limit:,} states ran out; raise max_states."
    return _conclude(
        scenario, ways, operations, "states", why, unfinished,
        schedules=space.schedules if space.complete else None,
        deadlocked=space.deadlocked if space.complete else None,
        states=len(space.states),
    )  # fmt: skip


def _by_traces(scenario: Scenario, why: str, limit: int, operations: int) -> Exploration:
    search = TraceSearch(scenario, limit, operations)
    if search.halted:
        return Exploration(scenario.name, "failed", (), (search.halted,), "traces", why, runs=search.runs)
    unfinished = None if search.complete else f"The budget of {limit:,} runs ran out; raise max_runs."
    return _conclude(
        scenario, [*search.deadlocks.values(), *search.failures.values()], operations, "traces", why, unfinished,
        classes=search.classes if search.complete else None,
        runs=search.runs,
    )  # fmt: skip


def _conclude(
    scenario: Scenario,
    ways: Iterable[tuple[int, ...]],
    operations: int,
    search: str,
    why: str,
    unfinished: str | None,
    *,
    schedules: int | None = None,
    deadlocked: int | None = None,
    states: int | None = None,
    classes: int | None = None,
    runs: int | None = None,
) -> Exploration:
    """Run every counterexample for real, so that nothing is reported that does not happen, and put it all together."""
    deadlocks: list[Deadlock] = []
    failures: list[Failure] = []
    output = ""
    for way in sorted(ways, key=lambda way: (len(way), way)):
        run = _confirm(scenario, way, operations)
        output = output or run.output
        deadlocks += run.deadlocks
        failures += run.failures
    verdict = "deadlock" if deadlocks else "failed" if failures else "not finished" if unfinished else "proven"
    return Exploration(
        scenario.name, verdict, tuple(deadlocks), tuple(failures), search, why, schedules, deadlocked, states, classes,
        runs, unfinished=unfinished, output=output,
    )  # fmt: skip


def _confirm(scenario: Scenario, way: tuple[int, ...], operations: int) -> Run:
    with captured() as printed:
        try:
            run = play(scenario, way, output=printed, operations=operations)
        except ScenarioError:
            run = None
    if run is not None and run.verdict in {"deadlock", "failed"}:
        return run
    names = [scenario.task_names[number] for number in way]
    task = names[-1] if names else scenario.task_names[0]
    found = run.schedule if run else play(scenario, ()).schedule
    failure = not_repeatable(task, "one thing", "another", None, found)
    return Run(scenario.name, "failed", found, failures=(failure,))
