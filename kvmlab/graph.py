"""The states of a scenario and the moves between them, as columns: for stepping, counting and drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kvmlab.behaviours import Halt
from kvmlab.controlled import watched
from kvmlab.errors import ScenarioError, shown
from kvmlab.location import Location
from kvmlab.operation import FREED, ready
from kvmlab.printing import captured
from kvmlab.scenario import Scenario
from kvmlab.states import StateSpace

STATES = 50_000
"""How many states a graph may have before it is refused: it is meant to be looked at."""


@dataclass(frozen=True)
class Place:
    """Where a task stands after the same results.

    Attributes:
        operation, resource: what it asks for; empty at its end.
        location: the reader's line; None at its end.
        ended: ``""`` while it goes on, ``done``, or ``failed``.
        reasons: by the number of the resource's value, why the operation has to wait; a value not listed lets it pass.
    """

    operation: str
    resource: str
    location: Location | None
    ended: str
    reasons: dict[int, tuple[str, tuple[str, ...]]]


@dataclass(frozen=True)
class StateGraph:
    """All states that a scenario can reach. State 0 is the start; a state never comes before one that leads to it.

    Attributes:
        tasks: their names.
        resources: their names, in the order in which they were made.
        moves: per task, by state: the state that its next operation leads to; -1 when it cannot move.
        stands: per task, by state: its place, an index into `places`.
        values: per resource, by state: its value, an index into `meanings`.
        kinds: by state: ``open``, ``done``, ``dead`` (nobody can move), ``failed``, or ``cut`` (a timeout more than was
            allowed could go on).
        places: per task, the places it can stand in.
        meanings: per resource, its values in words (see `Resource.describe`).
        ahead: by state, how many complete schedules go on from here.
        dead_ahead: by state, how many of them end in a deadlock.
        parents: by state, the state and the task by which a shortest schedule comes here; (-1, -1) for the start.
    """

    tasks: tuple[str, ...]
    resources: tuple[str, ...]
    moves: tuple[tuple[int, ...], ...]
    stands: tuple[tuple[int, ...], ...]
    values: tuple[tuple[int, ...], ...]
    kinds: tuple[str, ...]
    places: tuple[tuple[Place, ...], ...]
    meanings: tuple[tuple[dict[str, Any], ...], ...]
    ahead: tuple[int, ...]
    dead_ahead: tuple[int, ...]
    parents: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.kinds)

    def meaning(self, resource: str, state: int) -> dict[str, Any]:
        """The value of `resource` in `state`, in words (see `Resource.describe`).

        Raises:
            ScenarioError: there is no such resource, or no such state.
        """
        if resource not in self.resources:
            raise ScenarioError(f"no resource {shown(resource)} here; there are {', '.join(self.resources)}")
        if type(state) is not int or not 0 <= state < len(self):
            raise ScenarioError(f"state is a whole number from 0 to {len(self) - 1:,}, not {shown(state)}")
        number = self.resources.index(resource)
        return self.meanings[number][self.values[number][state]]

    def way_to(self, state: int) -> list[int]:
        """A shortest schedule to `state`: the tasks that move, from 0, in order."""
        way = []
        while state:
            state, task = self.parents[state]
            way.append(task)
        return way[::-1]

    @property
    def nearest_deadlock(self) -> int | None:
        """A dead state that is nearest to the start; None when there is none."""
        return self.kinds.index("dead") if "dead" in self.kinds else None

    def __repr__(self) -> str:
        return f"<StateGraph: {len(self):,} states, {len(self.tasks)} tasks, {len(self.resources)} resources>"


def state_graph(scenario: Scenario, *, max_states: int = STATES) -> StateGraph:
    """The states of `scenario` and the moves between them.

    Args:
        scenario: one that the search by states can take.
        max_states: refuse anything larger.

    Raises:
        ScenarioError: a task writes plain data, is not repeatable, or there are more states than `max_states`.
    """
    if not isinstance(scenario, Scenario):
        raise ScenarioError(
            f"state_graph takes a Scenario, not {shown(scenario)}: write state_graph(Scenario(World, task))"
        )
    if type(max_states) is not int or max_states < 1:
        raise ScenarioError(f"max_states is a whole number from 1, not {max_states!r}")
    with watched(), captured():
        try:
            space = StateSpace(scenario, max_states)
        except Halt as halt:
            raise ScenarioError(f"no graph of {scenario.name}: {halt.failure.message}") from None
    if not space.complete:
        raise ScenarioError(
            f"{scenario.name} has more than {max_states:,} states; take fewer tasks, or raise max_states"
        )
    trees, resources = space.behaviours.trees, space.behaviours.resources
    ahead, dead_ahead = _count_ahead(space)
    return StateGraph(
        tasks=scenario.task_names,
        resources=tuple(resource.label for resource in resources),
        moves=tuple(tuple(column) for column in space.moves),
        stands=tuple(tuple(space.field(state, task) for state in space.states) for task in range(len(trees))),
        values=tuple(
            tuple(space.field(state, len(trees) + number) for state in space.states) for number in range(len(resources))
        ),
        kinds=_kinds(space),
        places=tuple(_places(space, task) for task in range(len(trees))),
        meanings=tuple(
            tuple({"freed": True} if value is FREED else resource.describe(value) for value in values)
            for resource, values in zip(resources, space.behaviours.values, strict=True)
        ),
        ahead=ahead,
        dead_ahead=dead_ahead,
        parents=tuple(space.parents),
    )


def _kinds(space: StateSpace) -> tuple[str, ...]:
    kinds = ["open"] * len(space.states)
    for kind, states in (("done", space.done), ("dead", space.dead), ("failed", space.failed), ("cut", space.cut)):
        for state in states:
            kinds[state] = kind
    return tuple(kinds)


def _places(space: StateSpace, task: int) -> tuple[Place, ...]:
    places = []
    name = space.scenario.task_names[task]
    for node in space.behaviours.trees[task]:
        if node.operation is None:
            places.append(Place("", "", None, "failed" if node.failed else "done", {}))
            continue
        operation, args = node.operation, node.args
        reasons = {
            number: (operation.why(value, name, *args), operation.waits_for(value, name, *args))
            for number, value in enumerate(space.behaviours.values[node.resource])
            if not ready(operation, value, name, args)
        }
        label = space.behaviours.resources[node.resource].label
        places.append(Place(operation.name, label, node.location, "failed" if node.failed else "", reasons))
    return tuple(places)


def _count_ahead(space: StateSpace) -> tuple[tuple[int, ...], tuple[int, ...]]:
    count = len(space.states)
    ahead, dead_ahead, dead = [0] * count, [0] * count, set(space.dead)
    for state in reversed(range(count)):
        following = [column[state] for column in space.moves if column[state] >= 0]
        ahead[state] = sum(ahead[other] for other in following) if following else 1
        dead_ahead[state] = sum(dead_ahead[other] for other in following) if following else int(state in dead)
    return tuple(ahead), tuple(dead_ahead)
