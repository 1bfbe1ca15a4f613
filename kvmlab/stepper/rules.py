"""What a task does next, by its place and one lock's value: the moves of a state graph, without the states.

A move of a task depends on two numbers of a state only: the task's place and the value of the resource that its
operation is on. So the moves of 4,126 states are some hundred rules, and whoever has them can find the states again.
"""

from __future__ import annotations

from collections.abc import Iterator

from kvmlab.errors import ScenarioError
from kvmlab.graph import Place, StateGraph


class Rules:
    """The moves of `graph` by task and place.

    Attributes:
        resources: the number of the resource that the operation is on; -1 at a task's end.
        leads: by value of that resource, the place and the value that a move leads to.
        met: the values that the resource has in some state in which the task stands there.

    Raises:
        ScenarioError: two resources have one name.
    """

    def __init__(self, graph: StateGraph) -> None:
        self.graph = graph
        self.resources = [[resource_of(graph, place) for place in places] for places in graph.places]
        self.leads: list[list[dict[int, tuple[int, int]]]] = [[{} for _ in places] for places in graph.places]
        self.met: list[list[set[int]]] = [[set() for _ in places] for places in graph.places]
        for task, (column, stands) in enumerate(zip(graph.moves, graph.stands, strict=True)):
            for state, (to, at) in enumerate(zip(column, stands, strict=True)):
                if self.resources[task][at] < 0:
                    continue
                values = graph.values[self.resources[task][at]]
                self.met[task][at].add(values[state])
                if to >= 0:
                    self.leads[task][at][values[state]] = (stands[to], values[to])

    @property
    def used(self) -> list[int]:
        """The resources that some task operates on."""
        return sorted({number for of_task in self.resources for number in of_task if number >= 0})

    def reasons(self, task: int, at: int) -> Iterator[tuple[int, str, tuple[int, ...]]]:
        """The values that `task` has to wait for at place `at`: each with the sentence, and whom it waits for."""
        tasks, place = self.graph.tasks, self.graph.places[task][at]
        for number, (_, whom) in sorted(place.reasons.items()):
            if number in self.met[task][at]:
                yield (
                    number,
                    sentence(tasks[task], place, number),
                    tuple(map(tasks.index, filter(tasks.__contains__, whom))),
                )


def check_names(graph: StateGraph) -> None:
    """See that the resources that tasks operate on can be told apart by their names.

    Raises:
        ScenarioError: two have one name.
    """
    for places in graph.places:
        for place in places:
            resource_of(graph, place)


def resource_of(graph: StateGraph, place: Place) -> int:
    """The number of the resource that the operation at `place` is on; -1 at a task's end.

    Raises:
        ScenarioError: two have that name.
    """
    if graph.resources.count(place.resource) > 1:
        raise ScenarioError(
            f"two things of this world are called {place.resource!r}; give them different names to tell them apart"
        )
    return graph.resources.index(place.resource) if place.resource else -1


def sentence(task: str, place: Place, number: int) -> str:
    """What `task` waits for at `place`, when the resource has value `number`, and why."""
    return f"{task} waits for {place.resource}: {place.reasons[number][0]}."
