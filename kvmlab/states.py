"""Search by states: every task's tree of operations is found once, then states are combined without running Python.

A task's next operation depends only on the results of its operations so far, as long as everything that tasks share
and change is a resource (`plain` watches that). So a task alone, fed with results, shows its whole behaviour: a tree. A
state of the program is one node of each tree and one value of each resource; moving a task is arithmetic on numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from kvmlab.controlled import Controlled, Fiber
from kvmlab.diagnosis import OPERATIONS, holders, not_repeatable, stuck
from kvmlab.errors import NeedsTraces, steady
from kvmlab.location import Location
from kvmlab.operation import Operation, Resource, blockers, can_expire, outcome, ready
from kvmlab.plain import Plain
from kvmlab.scenario import SameWorld, Scenario, initial_values
from kvmlab.task import Ended
from kvmlab.verdict import Failure, Schedule, Step, replay_string
from kvmlab.world import Key

BITS = 24
"""Width of one field of a state: a task's node, or a resource's value."""

FIELD = (1 << BITS) - 1


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
    return kind, kind(map(exact, value)) if kind in (tuple, frozenset) else value


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


class StateSpace:
    """All states that the scenario can reach, in order of distance from the start.

    Attributes:
        states: each a number whose fields are the tasks' nodes, then the resources' values.
        moves: per task, the state that it leads to from each state; -1 when it cannot move.
        ways: per state, the number of schedules that lead there.
        dead: the states in which nobody can move and somebody has not finished.
        failed: per failed state, the task that went wrong and the lock that it still holds, if that is what is wrong.
        done: the states in which every task has come to its end.
        cut: the states in which somebody could go on by one timeout more than it has.
        complete: whether that is all there is, or `limit` was reached.
    """

    def __init__(
        self,
        scenario: Scenario,
        limit: int,
        operations: int = OPERATIONS,
        *,
        timeouts: int = 1,
        notify_order: str = "fifo",
        progress: Callable[[int], None] = lambda states: None,
    ) -> None:
        self.scenario = scenario
        self._progress = progress
        self.behaviours = Behaviours(scenario, operations, notify_order)
        self._timeouts = timeouts
        self.tasks = len(scenario.tasks)
        self.states: list[int] = [0]
        self.moves: list[list[int]] = [[] for _ in scenario.tasks]
        self.ways: list[int] = [1]
        self._parents: list[int] = [-1]
        self.dead: list[int] = []
        self.done: list[int] = []
        self.cut: list[int] = []
        self.failed: dict[int, tuple[int, int | None]] = {}
        self.complete = True
        self._masks: list[list[int]] = [[] for _ in scenario.tasks]
        try:
            self._search(limit)
            self.behaviours.verify()
        finally:
            self.behaviours.close()

    def _search(self, limit: int) -> None:
        states, ways, parents, moves = self.states, self.ways, self._parents, self.moves
        index = {0: 0}
        memos: list[dict[int, int]] = [{} for _ in range(self.tasks)]
        for task, tree in enumerate(self.behaviours.trees):
            if tree[0].failed:
                self.failed[0] = (task, None)
        at = 0
        while at < len(states):
            if len(states) > limit:
                self.complete = False
                return
            if not at % 4096:
                self._progress(len(states))
            state = states[at]
            stopped = at in self.failed
            alive = moved = False
            for task in range(self.tasks):
                node = (state >> (task * BITS)) & FIELD
                masks = self._masks[task]
                mask = masks[node] if node < len(masks) else self._mask(task, node)
                target = -1
                if mask and not stopped:
                    alive = True
                    memo = memos[task]
                    seen = state & mask
                    delta = memo.get(seen)
                    if delta is None:
                        try:
                            delta = memo[seen] = self._move(task, node, state)
                        except Halt as halt:
                            raise Halt(replace(halt.failure, schedule=self._schedule(at, task))) from None
                    if delta:
                        moved = True
                        following = state + delta
                        found = index.get(following)
                        if found is None:
                            found = index[following] = len(states)
                            states.append(following)
                            ways.append(0)
                            parents.append(at * self.tasks + task)
                            self._judge(found, following, task)
                        ways[found] += ways[at]
                        target = found
                moves[task].append(target)
            if not moved and not stopped:
                (self.done if not alive else self.cut if self._could_expire(state) else self.dead).append(at)
            at += 1

    def _could_expire(self, state: int) -> bool:
        """Whether some task waits in `state` for a timeout that it has used up."""
        for task, name in enumerate(self.scenario.task_names):
            node = self.node(state, task)
            if node.operation and can_expire(node.operation, self.value(state, node.resource), name, node.args):
                return True
        return False

    @property
    def assumes(self) -> set[str]:
        """What the operations that were met take for granted."""
        operations = [node.operation for tree in self.behaviours.trees for node in tree if node.operation]
        return {one.assumes for one in operations if one.assumes}

    def _mask(self, task: int, node: int) -> int:
        """The fields that the next move of `task` at `node` depends on; 0 when there is none."""
        masks, tree = self._masks[task], self.behaviours.trees[task]
        while len(masks) < len(tree):
            resource = tree[len(masks)].resource
            masks.append(FIELD << (task * BITS) | FIELD << ((self.tasks + resource) * BITS) if resource >= 0 else 0)
        return masks[node]

    def _move(self, task: int, number: int, state: int) -> int:
        """What to add to `state` when `task` moves from node `number`; 0 when it has to wait."""
        node = self.behaviours.trees[task][number]
        assert node.operation is not None
        shift = (self.tasks + node.resource) * BITS
        before = (state >> shift) & FIELD
        value = self.behaviours.values[node.resource][before]
        name = self.scenario.task_names[task]
        expired = not ready(node.operation, value, name, node.args)
        if expired and not (node.expiries < self._timeouts and can_expire(node.operation, value, name, node.args)):
            return 0
        new, result = outcome(node.operation, value, name, node.args)
        after = self.behaviours.value_number(node.resource, new)
        child = self.behaviours.child(task, number, result, expired)
        return ((child - number) << (task * BITS)) + ((after - before) << shift)

    def _judge(self, found: int, state: int, task: int) -> None:
        """Note it when `task` has gone wrong by coming to `state`."""
        node = self.node(state, task)
        if node.failed:
            self.failed[found] = (task, None)
        elif node.ended:
            held = self._held(task, node, state)
            if held is not None:
                self.failed[found] = (task, held)

    def _held(self, task: int, node: Node, state: int) -> int | None:
        name = self.scenario.task_names[task]
        for resource in sorted(node.touched):
            if name in holders(self.behaviours.resources[resource], self.value(state, resource)):
                return resource
        return None

    @staticmethod
    def field(state: int, number: int) -> int:
        """Field `number` of `state`: the node of a task, or (after the tasks) the number of a resource's value."""
        return (state >> (number * BITS)) & FIELD

    def value(self, state: int, resource: int) -> Any:
        """The value of `resource` in `state` (the number itself, not its index)."""
        return self.behaviours.values[resource][self.field(state, self.tasks + resource)]

    def node(self, state: int, task: int) -> Node:
        """Where `task` stands in `state` (the number itself, not its index)."""
        return self.behaviours.trees[task][self.field(state, task)]

    @property
    def parents(self) -> list[tuple[int, int]]:
        """Per state, the state and the task by which a shortest schedule comes there; (-1, -1) for the start."""
        return [(-1, -1), *(divmod(parent, self.tasks) for parent in self._parents[1:])]

    def way_to(self, at: int) -> list[int]:
        """A shortest schedule, as task numbers, to the state with index `at`."""
        way = []
        while at:
            at, task = divmod(self._parents[at], self.tasks)
            way.append(task)
        return way[::-1]

    def _schedule(self, at: int, last: int) -> Schedule:
        """The way to the state with index `at`, and then the operation that task `last` stands before."""
        steps: list[Step] = []
        numbers, state = [*self.way_to(at), last], 0
        for task in numbers:
            node = self.node(self.states[state], task)
            assert node.operation is not None
            assert node.location is not None
            label = self.behaviours.resources[node.resource].label
            state = self.moves[task][state] if len(steps) < len(numbers) - 1 else state
            steps.append(Step(self.scenario.task_names[task], node.operation.name, label, None, node.location))
        return Schedule(steps, replay_string(numbers))

    def wait_key(self, at: int) -> tuple[Any, ...]:
        """What makes the dead state with index `at` a different deadlock: who waits where, for what, for whom."""
        state, key = self.states[at], []
        for task, name in enumerate(self.scenario.task_names):
            node = self.node(state, task)
            if node.operation:
                value = self.value(state, node.resource)
                key.append((task, node.resource, node.location, blockers(node.operation, value, name, node.args)))
        return tuple(key)

    def failure_key(self, at: int) -> tuple[Any, ...]:
        """What makes the failed state with index `at` a different failure: who went wrong, where, and how."""
        task, held = self.failed[at]
        node = self.node(self.states[at], task)
        error = node.ended.error if node.ended else None
        return (task, held, node.endless, type(error), steady(str(error)), node.ended.location if node.ended else None)

    @property
    def schedules(self) -> int:
        """The number of complete schedules: all tasks done, a deadlock, a failure, or cut."""
        return sum(self.ways[at] for at in (*self.done, *self.dead, *self.cut, *self.failed))

    @property
    def deadlocked(self) -> int:
        """The number of schedules that end in a deadlock."""
        return sum(self.ways[at] for at in self.dead)
