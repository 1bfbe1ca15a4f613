"""Explore every schedule of a scenario: choose a search, confirm what it found, say what it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kvmlab.behaviours import Halt
from kvmlab.controlled import watched
from kvmlab.diagnosis import OPERATIONS, not_repeatable, race
from kvmlab.errors import NeedsTraces, ScenarioError, shown
from kvmlab.plain import refuse_foreign
from kvmlab.printing import captured
from kvmlab.progress import Progress
from kvmlab.replay import play
from kvmlab.scenario import Scenario
from kvmlab.states import StateSpace
from kvmlab.traces import TraceSearch
from kvmlab.verdict import ASSUMES, Deadlock, Exploration, Failure, Run, Schedule, plural

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
    max_timeouts: int = 1,
    notify_order: str = "fifo",
) -> Exploration:
    """Look at every schedule of `scenario` and say what can happen.

    Args:
        scenario: a world and its tasks.
        by: ``"states"`` or ``"traces"`` forces one search; by default states, unless a task writes plain data.
        max_states: budget of the search by states, in states.
        max_runs: budget of the search by traces, in runs.
        max_operations: how many operations one task may do in one run before it counts as endless.
        max_timeouts: how many timeouts may expire in one task in one run.
        notify_order: whom `Condition.notify` wakes: ``"fifo"``, the one who waits longest, as CPython does; or
            ``"any"`` of those who wait.

    Returns:
        The verdict with its evidence. When a budget runs out it is ``not finished``, unless something was found.

        It takes for granted what its `assumes` says. That tasks do the same each time is checked wherever a beginning
        is repeated, and at the end by repeating a schedule out of step. Data that outlive a run (a global, a closure)
        and decide something only once in many runs can still go unnoticed; to refuse all that tasks write there would
        refuse every log.

    Raises:
        ScenarioError: a call that cannot work; tasks that share a lock, thread or queue of the standard library; or
            ``by="states"`` for a world that this search cannot take.
    """
    if not isinstance(scenario, Scenario):
        raise ScenarioError(
            f"explore takes a Scenario, not {shown(scenario)}: write explore(Scenario(World, task, task))"
        )
    if by not in (None, "states", "traces"):
        raise ScenarioError(f'by is "states" or "traces", not {by!r}')
    if notify_order not in ("fifo", "any"):
        raise ScenarioError(f'notify_order is "fifo" or "any", not {notify_order!r}')
    if type(max_timeouts) is not int or max_timeouts < 0:
        raise ScenarioError(f"max_timeouts is a whole number from 0, not {max_timeouts!r}")
    budgets = {"max_states": max_states, "max_runs": max_runs, "max_operations": max_operations}
    for name, budget in budgets.items():
        if type(budget) is not int or budget < 1:
            raise ScenarioError(f"{name} is a whole number from 1, not {budget!r}")
    options = Options(max_states, max_runs, max_operations, max_timeouts, notify_order)
    with watched(), captured():
        refuse_foreign(scenario)
        if by == "traces":
            return _by_traces(scenario, "as asked", options)
        try:
            return _by_states(scenario, "as asked" if by else ALL_RESOURCES, options)
        except NeedsTraces as reason:
            if by == "states":
                raise ScenarioError(
                    f'{reason}. Keep what tasks share in resources (Shared for a plain value), or use by="traces".'
                ) from None
            return _by_traces(scenario, str(reason), options)


@dataclass(frozen=True)
class Options:
    """The arguments of `explore` that both searches need."""

    states: int
    runs: int
    operations: int
    timeouts: int
    notify_order: str

    def assumptions(
        self, met: Iterable[str], outside: Sequence[str] = (), opaque: str | None = None
    ) -> tuple[str, ...]:
        """What a verdict takes for granted.

        Args:
            met: what the operations that were met do.
            outside: what tasks write where nobody watches.
            opaque: what nobody can look into.
        """
        texts = {
            "timeout": f"at most {plural(self.timeouts, 'timeout')} per task expire",
            "notify": "notify wakes " + ("the longest waiter" if self.notify_order == "fifo" else "any waiter")
            + ", and nobody wakes without it",
        }  # fmt: skip
        unwatched = [f"no task depends on {', '.join(outside)}, which tasks write"] if outside else []
        if opaque:
            unwatched.append(f"no task depends on what another changes inside {opaque}")
        return (*ASSUMES, *unwatched, *(texts[key] for key in sorted(met)))


def _by_states(scenario: Scenario, why: str, options: Options) -> Exploration:
    progress = Progress("states")
    try:
        space = StateSpace(
            scenario, options.states, options.operations, timeouts=options.timeouts,
            notify_order=options.notify_order, progress=progress.tick,
        )  # fmt: skip
    except Halt as halt:
        return Exploration(scenario.name, "failed", (), (halt.failure,), "states", why)
    finally:
        progress.end()
    dead = {space.wait_key(at): at for at in reversed(space.dead)}
    bad = {space.failure_key(at): at for at in reversed(list(space.failed))}
    ways = [tuple(space.way_to(at)) for at in sorted([*dead.values(), *bad.values()])]
    whole = space.complete
    return _conclude(
        scenario,
        sorted(ways, key=lambda way: (len(way), way)),
        options,
        Exploration(
            scenario.name, "proven", (), (), "states", why,
            schedules=space.schedules if whole else None,
            deadlocked=space.deadlocked if whole else None,
            states=len(space.states),
            assumes=options.assumptions(space.assumes),
            unfinished=None if whole else _out_of(plural(options.states, "state"), "max_states"),
        ),
    )  # fmt: skip


def _by_traces(scenario: Scenario, why: str, options: Options) -> Exploration:
    progress = Progress("runs")
    search = TraceSearch(
        scenario, options.runs, operations=options.operations, timeouts=options.timeouts,
        notify_order=options.notify_order, progress=progress.tick,
    )  # fmt: skip
    try:
        search.search()
    finally:
        progress.end()
    if search.halted:
        return Exploration(scenario.name, "failed", (), (search.halted,), "traces", why, runs=search.runs)
    races = [race(*search.accesses[key], _schedule(scenario, way, options)) for key, way in search.races.items()]
    races.sort(key=lambda failure: (len(failure.schedule), failure.message))
    return _conclude(
        scenario,
        search.ways,
        options,
        Exploration(
            scenario.name, "proven", (), tuple(races), "traces", why,
            deadlocked=search.deadlocked if search.complete else None,
            classes=search.classes if search.complete else None,
            runs=search.runs,
            assumes=options.assumptions(search.assumes, search.outside, search.opaque),
            unfinished=None if search.complete else _out_of(plural(options.runs, "run"), "max_runs"),
        ),
    )  # fmt: skip


def _schedule(scenario: Scenario, way: Sequence[str], options: Options) -> Schedule:
    """What happens along `way`, on which a task may have gone wrong; empty if it cannot be repeated."""
    try:
        return play(scenario, way, notify_order=options.notify_order, past_failures=True).schedule
    except ScenarioError:
        return Schedule((), "")


def _out_of(budget: str, parameter: str) -> str:
    return f"The budget of {budget} ran out; raise {parameter}."


def _conclude(
    scenario: Scenario, ways: Iterable[Sequence[int] | Sequence[str]], options: Options, found: Exploration
) -> Exploration:
    """Run every counterexample for real, so that nothing is reported that does not happen, and put it all together.

    Beside a data race one that does not happen again is no news: what it needs may come before or after the race.
    """
    deadlocks: list[Deadlock] = []
    failures = list(found.failures)
    output = ""
    for way in ways:
        run = _confirm(scenario, way, options)
        if run is None:
            if not found.failures:
                failures.append(_unconfirmed(scenario, way, options))
            continue
        output = output or run.output
        deadlocks += run.deadlocks
        failures += run.failures
    verdict = "deadlock" if deadlocks else "failed" if failures else "not finished" if found.unfinished else "proven"
    return replace(found, verdict=verdict, deadlocks=tuple(deadlocks), failures=tuple(failures), output=output)


def _confirm(scenario: Scenario, way: Sequence[int] | Sequence[str], options: Options) -> Run | None:
    """The run along `way`, if it ends in a deadlock or a failure."""
    with captured() as printed:
        try:
            run = play(scenario, way, output=printed, operations=options.operations, notify_order=options.notify_order)
        except ScenarioError:
            return None
    return run if run.verdict in {"deadlock", "failed"} else None


def _unconfirmed(scenario: Scenario, way: Sequence[int] | Sequence[str], options: Options) -> Failure:
    """Say that what was found along `way` does not happen again."""
    names = [scenario.task_names[task] if isinstance(task, int) else task for task in way]
    names = [str(name) for name in names] or [scenario.task_names[0]]
    return not_repeatable(names[-1], "one thing", "another", None, _schedule(scenario, names, options))
