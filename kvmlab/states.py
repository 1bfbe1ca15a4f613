"""Search by states: the tasks' `behaviours` are combined without running Python.

A state of the program is one node of each task's tree and one value of each resource; moving a task is arithmetic on
numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kvmlab.behaviours import Behaviours, Halt, Node
from kvmlab.diagnosis import OPERATIONS, holders
from kvmlab.errors import steady
from kvmlab.operation import blockers, can_expire, outcome, ready
from kvmlab.scenario import Scenario
from kvmlab.verdict import Schedule, Step, replay_string

BITS = 24
"""Width of one field of a state: a task's node, or a resource's value."""

FIELD = (1 << BITS) - 1


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
