"""What each task does, as a tree: its operations, each with every result that it may get.

A task's next operation depends only on the results of its operations so far, as long as everything that tasks share
and change is a resource (`plain` watches that). So a task alone, fed with results, shows its whole behaviour. Each part
of it is found once, when somebody asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kvmlab.controlled import Controlled, Fiber
from kvmlab.diagnosis import OPERATIONS, not_repeatable, stuck
from kvmlab.errors import NeedsTraces
from kvmlab.location import Location
from kvmlab.operation import Operation, Resource
from kvmlab.plain import Plain
from kvmlab.scenario import SameWorld, Scenario, initial_values
from kvmlab.task import Ended
from kvmlab.verdict import Failure, Schedule, Step, replay_string
from kvmlab.world import Key


class Halt(Exception):
    """The search cannot go on; carries the failure that says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(slots=True)
class Node:
    """Where a task stands after the same results: before one operation, or at its end.

    Attributes:
        results: of its operations so far.
        resource: index of the resource that its next operation is on; -1 at its end.
        ended: how it ended, or None; `endless` when it used up its operations.
        expiries: how many of its operations ended by a timeout.
        children: node by (type, value) of the operation's result, and whether it came by a timeout.
    """

    parent: int
    results: tuple[Any, ...]
    resource: int = -1
    operation: Operation | None = None
    args: tuple[Any, ...] = ()
    location: Location | None = None
    ended: Ended | None = None
    endless: bool = False
    expiries: int = 0
    touched: frozenset[int] = frozenset()
    children: dict[tuple[tuple[type, Any], bool], int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether the task has gone wrong here."""
        return self.endless or (self.ended is not None and self.ended.error is not None)

    def request(self) -> str:
        """The operation it stands before, in words."""
        return f"{self.operation.name} at {self.location}" if self.operation else "end"


def exact(value: Any) -> tuple[type, Any]:
    """A key for `value` by which 1, True and 1.0 differ, inside tuples and sets, too."""
    kind = value.__class__
    if kind in (tuple, frozenset):
        return kind, kind(map(exact, value))
    return kind, tuple(map(exact, value)) if isinstance(value, tuple) else value


class Behaviours:
    """The trees of all tasks and the values of all resources, each found once and numbered as found.

    Attributes:
        trees: the nodes of each task.
        resources: one of each key, for its name and its way to read a value.
        values: the values that each resource was seen to take; 0 is the first.
    """

    def __init__(self, scenario: Scenario, operations: int = OPERATIONS, notify_order: str = "fifo") -> None:
        self.scenario = scenario
        self.operations = operations
        self.notify_order = notify_order
        self.resources: list[Resource] = []
        self.values: list[list[Any]] = []
        self._value_numbers: list[dict[tuple[type, Any], int]] = []
        self._by_key: dict[Key, int] = {}
        self._alike = SameWorld(scenario)
        self._running: dict[int, tuple[Controlled, Plain, int]] = {}
        self.trees: list[list[Node]] = []
        try:
            for number in range(len(scenario.tasks)):
                self.trees.append([Node(-1, ())])
                self._discover(number, 0)
        except BaseException:
            self.close()
            raise

    def value_number(self, resource: int, value: Any) -> int:
        """The number of `value` among the values of `resource`."""
        numbers = self._value_numbers[resource]
        key = exact(value)
        number = numbers.get(key)
        if number is None:
            number = numbers[key] = len(numbers)
            self.values[resource].append(value)
        return number

    def child(self, task: int, number: int, result: Any, expired: bool) -> int:
        """The node of `task` after node `number`, when its operation gives `result`, by a timeout or not."""
        node = self.trees[task][number]
        key = (exact(result), expired)
        found = node.children.get(key)
        if found is None:
            tree = self.trees[task]
            found = node.children[key] = len(tree)
            touched = node.touched | {node.resource}
            tree.append(Node(number, (*node.results, result), expiries=node.expiries + expired, touched=touched))
            self._discover(task, found)
        return found

    def _discover(self, task: int, number: int) -> None:
        """Run `task` alone, feed it the results that lead to node `number`, and note what it asks for there."""
        node = self.trees[task][number]
        run, plain, at = self._running.get(task, (None, None, -1))
        if run is None or plain is None or at != node.parent:
            if run:
                run.close()
            run, plain = self._start(task)
            self._running[task] = (run, plain, -2)
            self._retrace(task, self._path(task, number), run)
        fiber = run.fibers[task]
        if node.results:
            run.resume(fiber, node.results[-1])
        if len(run.fibers) > len(self.scenario.tasks):
            run.close()
            raise NeedsTraces(f"{fiber.name} starts a thread, which the search by states does not follow")
        written = plain.written()
        if written:
            raise NeedsTraces(f"{fiber.name} writes plain data, {written}, which the search by states does not see")
        if run.home.missing:
            raise NeedsTraces(run.home.missing)
        self._fill(node, fiber)
        if fiber.ended is None:
            self._running[task] = (run, plain, number)
            return
        run.close()
        del self._running[task]
        if fiber.ended.stuck:
            alone = self._alone(task, self._path(task, number))
            raise Halt(stuck(fiber.name, fiber.ended.location, alone, fiber.ended.stuck))

    def _start(self, task: int) -> tuple[Controlled, Plain]:
        """Let `task` run to its first operation in a fresh world."""
        run = Controlled(self.scenario, notify_order=self.notify_order)
        self._alike.check(run.home)
        for resource, _ in initial_values(run.home):
            self._resource(resource)
        plain = Plain(run.world, self.scenario.tasks)
        if plain.opaque:
            raise NeedsTraces(f"the search by states cannot look into {plain.opaque}")
        try:
            run.start(task)
        except BaseException:
            run.close()
            raise
        return run, plain

    def _retrace(self, task: int, path: list[Node], run: Controlled) -> None:
        """Feed `task` the results along `path`, up to its last node, and see that it does what it did before."""
        fiber = run.fibers[task]
        for ahead in path:
            if ahead.results:
                run.resume(fiber, ahead.results[-1])
            self._compare(task, path, ahead, fiber)

    def close(self) -> None:
        """End the runs that are still open."""
        for run, _, _ in self._running.values():
            run.close()
        self._running.clear()

    def verify(self, steps: int = 5_000) -> None:
        """Repeat the tasks' ways to their ends, up to `steps` operations in all, and see that they do the same.

        Raises:
            Halt: one does not.
        """
        for task, tree in enumerate(self.trees):
            for number, node in enumerate(tree):
                if node.ended and not node.ended.stuck and steps > 0:
                    steps -= len(node.results) + 1
                    path = [*self._path(task, number), node]
                    with self._start(task)[0] as run:
                        self._retrace(task, path, run)

    def _fill(self, node: Node, fiber: Fiber) -> None:
        if fiber.ended is not None:
            node.ended = fiber.ended
            return
        node.operation, node.args, node.location = fiber.operation, fiber.args, fiber.location
        node.resource = self._resource(fiber.resource)
        node.endless = len(node.results) >= self.operations

    def _path(self, task: int, number: int) -> list[Node]:
        """The nodes above node `number`, from the root."""
        tree, path = self.trees[task], []
        while tree[number].parent >= 0:
            number = tree[number].parent
            path.append(tree[number])
        return path[::-1]

    def _resource(self, resource: Resource) -> int:
        index = self._by_key.get(resource.key)
        if index is None:
            index = self._by_key[resource.key] = len(self.resources)
            self.resources.append(resource)
            self.values.append([])
            self._value_numbers.append({})
            self.value_number(index, resource.value)
        elif (type(resource), self.value_number(index, resource.value)) != (type(self.resources[index]), 0):
            raise NeedsTraces(
                f"{resource.key[0]} makes another {type(resource).__name__} there, depending on what came before; the "
                "search by states takes what a task makes to be the same each time"
            )
        return index

    def _compare(self, task: int, path: list[Node], node: Node, fiber: Fiber) -> None:
        before = (node.ended is not None, type(node.ended.error) if node.ended else None)
        now = (fiber.ended is not None, type(fiber.ended.error) if fiber.ended else None)
        if before == now and (fiber.ended or self._asks_same(node, fiber)):
            return
        does = "end" if fiber.ended else f"{fiber.operation.name} at {fiber.location}"
        raise Halt(not_repeatable(fiber.name, node.request(), does, node.location, self._alone(task, path)))

    def _asks_same(self, node: Node, fiber: Fiber) -> bool:
        return (fiber.operation, fiber.resource.key, fiber.args, fiber.location) == (
            node.operation, self.resources[node.resource].key, node.args, node.location,
        )  # fmt: skip

    def _alone(self, task: int, path: list[Node]) -> Schedule:
        """What `task` did on `path`, as a schedule of its own."""
        name = self.scenario.task_names[task]
        steps = [
            Step(name, node.operation.name, self.resources[node.resource].label, None, node.location)
            for node in path
            if node.operation and node.location
        ]
        return Schedule(steps, replay_string([task] * len(steps)))
