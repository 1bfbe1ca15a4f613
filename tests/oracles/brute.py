"""Two oracles that know nothing of the searches: they run the program again for every choice.

`every_schedule` merges nothing: it takes every task that can move, everywhere. `every_state` merges two prefixes when
every task has met the same results and every resource has the same value, so that larger worlds come to an end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kvmlab.controlled import Controlled, Fiber
from kvmlab.operation import FREED, Resource
from kvmlab.scenario import Scenario
from kvmlab.states import StateSpace
from kvmlab.verdict import Exploration

Dead = tuple[tuple[Any, ...], ...]


class TooMany(Exception):
    """More schedules than the oracle was allowed to run."""


@dataclass
class Answer:
    """What an oracle found.

    Attributes:
        schedules: how many complete ones there are.
        dead: the states in which nobody can move: who waits for what, whom and at which line, and every value.
        deadlocked: how many schedules end in one of them.
        failures: as (task, kind, message).
        ways: every complete schedule as task numbers, with how it ended.
        classes: how many schedules there are when neighbours that do not depend on each other may be swapped.
    """

    schedules: int = 0
    deadlocked: int = 0
    dead: set[Dead] = field(default_factory=set)
    failures: set[tuple[str, str, str]] = field(default_factory=set)
    ways: list[tuple[tuple[int, ...], str]] = field(default_factory=list)
    classes: set[Any] = field(default_factory=set)

    @property
    def verdict(self) -> str:
        return "deadlock" if self.dead else "failed" if self.failures else "proven"

    @property
    def waits(self) -> set[Any]:
        """The dead states without the values: who waits for what, whom, where."""
        return {waits for waits, _ in self.dead}


class Walk:
    """One run along a prefix, and what can be seen of it."""

    def __init__(self, scenario: Scenario, operations: int, way: Iterable[int] = ()) -> None:
        self.run = Controlled(scenario)
        self.run.start_all()
        self.fibers: list[Fiber] = list(self.run.fibers)
        self.operations = operations
        self.way: list[int] = []
        self.events: list[tuple[int, Any, bool]] = []
        self.histories: list[list[Any]] = [[] for _ in self.fibers]
        self.gone: set[int] = set()
        self.failures: list[tuple[str, str, str]] = []
        for number in range(len(self.fibers)):
            self._look(number)
        for number in way:
            self.move(number)

    def can_move(self, number: int) -> bool:
        fiber = self.fibers[number]
        if fiber.ended is not None or number in self.gone:
            return False
        value = fiber.resource.value
        return value is FREED or bool(fiber.operation.guard(value, fiber.name, *fiber.args))

    def movable(self) -> list[int]:
        return [number for number in range(len(self.fibers)) if self.can_move(number)]

    def move(self, number: int) -> None:
        fiber = self.fibers[number]
        operation, key, args = fiber.operation, fiber.resource.key, fiber.args
        result = self.run.move(fiber)
        self.way.append(number)
        self.events.append((number, key, operation.reads(result)))
        self.histories[number].append((operation.name, key, args, result))
        self._look(number)

    def _look(self, number: int) -> None:
        fiber = self.fibers[number]
        if fiber.ended is None:
            if len(self.histories[number]) < self.operations:
                return
            message = f"{fiber.name} has done {self.operations:,} operations and has not ended"
            self._fail(number, "endless", message)
        elif fiber.ended.error is not None:
            error = fiber.ended.error
            text = f": {error}" if str(error) else ""
            self._fail(number, "raised", f"{fiber.name} raised {type(error).__name__}{text}")
        else:
            for resource in self.resources():
                if resource.value is not FREED and fiber.name in resource.held_by(resource.value):
                    self._fail(number, "held", f"{fiber.name} ended while it holds {resource.label}.")
                    return

    def _fail(self, number: int, kind: str, message: str) -> None:
        self.gone.add(number)
        self.failures.append((self.fibers[number].name, kind, message))

    def resources(self) -> list[Resource]:
        return [member for member in self.run.home.members.values() if isinstance(member, Resource)]

    def is_dead(self) -> bool:
        return not self.movable() and any(fiber.ended is None for fiber in self.fibers)

    def dead(self) -> Dead:
        waits = []
        for fiber in self.fibers:
            if fiber.ended is None:
                value = fiber.resource.value
                whom = fiber.operation.waits_for(value, fiber.name, *fiber.args)
                waits.append((fiber.name, fiber.resource.label, whom, fiber.location.line))
        values = tuple((one.label, one.value) for one in self.resources() if one.key[0] == "world")
        return tuple(waits), values

    def key(self) -> Any:
        """Equal for two prefixes after which the program goes on in the same way."""
        values = tuple((one.key, _typed(one.value)) for one in self.resources())
        return tuple(tuple(map(_typed, history)) for history in self.histories), values

    def class_key(self) -> Any:
        """Equal for two schedules that differ by swapping neighbours that do not depend on each other."""
        level: list[tuple[int, int]] = []
        steps: list[list[tuple[int, int]]] = []
        turn = [0] * len(self.fibers)
        for at, (task, key, reads) in enumerate(self.events):
            before = [
                depth
                for (depth, other), (other_task, other_key, other_reads) in zip(level, self.events[:at], strict=True)
                if other_task == task or (other_key == key and not (reads and other_reads))
            ]
            depth = max(before, default=-1) + 1
            level.append((depth, task))
            steps += [[] for _ in range(depth + 1 - len(steps))]
            steps[depth].append((task, turn[task]))
            turn[task] += 1
        return tuple(tuple(sorted(step)) for step in steps), tuple(tuple(map(_typed, one)) for one in self.histories)

    def __enter__(self) -> Walk:
        return self

    def __exit__(self, *exception: object) -> None:
        self.run.close()


def _typed(value: Any) -> Any:
    """`value`, so that True and 1 differ."""
    if type(value) in (tuple, list):
        return tuple(map(_typed, value))
    return type(value).__name__, value


def every_schedule(scenario: Scenario, *, limit: int = 10_000, operations: int = 300, go_on: bool = False) -> Answer:
    """Run every schedule of `scenario`, one after another.

    With `go_on` a task that has gone wrong is gone and the others go on; without, the schedule ends there.

    Raises:
        TooMany: there are more than `limit`.
    """
    answer = Answer()
    choices: list[tuple[list[int], int]] = []
    while True:
        if answer.schedules >= limit:
            raise TooMany
        with Walk(scenario, operations, [movable[index] for movable, index in choices]) as walk:
            while movable := walk.movable():
                if walk.failures and not go_on:
                    break
                choices.append((movable, 0))
                walk.move(movable[0])
            _note(answer, walk)
        while choices and choices[-1][1] + 1 == len(choices[-1][0]):
            choices.pop()
        if not choices:
            return answer
        movable, index = choices.pop()
        choices.append((movable, index + 1))


def _note(answer: Answer, walk: Walk) -> None:
    answer.schedules += 1
    answer.classes.add(walk.class_key())
    if walk.failures:
        answer.failures.update(walk.failures[:1])
        answer.ways.append((tuple(walk.way), "failed"))
    elif walk.is_dead():
        answer.dead.add(walk.dead())
        answer.deadlocked += 1
        answer.ways.append((tuple(walk.way), "deadlock"))
    else:
        answer.ways.append((tuple(walk.way), "finished"))


def every_state(scenario: Scenario, *, operations: int = 300) -> tuple[Answer, int]:
    """What `every_schedule` finds (without ways and classes), and the number of states, for larger worlds."""
    answer, states = Answer(), 0
    level: list[tuple[tuple[int, ...], int]] = [((), 1)]
    while level:
        states += len(level)
        following: dict[Any, tuple[tuple[int, ...], int]] = {}
        for way, count in level:
            with Walk(scenario, operations, way) as walk:
                movable = [] if walk.failures else walk.movable()
                if not movable:
                    answer.schedules += count
                    answer.failures.update(walk.failures[:1])
                    if not walk.failures and walk.is_dead():
                        answer.deadlocked += count
                        answer.dead.add(walk.dead())
            for number in movable:
                with Walk(scenario, operations, (*way, number)) as walk:
                    first, known = following.get(walk.key(), (tuple(walk.way), 0))
                    following[walk.key()] = (first, known + count)
        level = list(following.values())
    return answer, states


def dead_states(space: StateSpace) -> set[Dead]:
    """The dead states that the search by states found, written as the oracles write them."""
    resources, names, found = space.behaviours.resources, space.scenario.task_names, set()
    for at in space.dead:
        state, waits = space.states[at], []
        for task, name in enumerate(names):
            node = space.node(state, task)
            if node.operation is not None:
                resource = resources[node.resource]
                whom = node.operation.waits_for(space.value(state, node.resource), name, *node.args)
                assert node.location is not None
                waits.append((name, resource.label, whom, node.location.line))
        values = tuple(
            (resource.label, space.value(state, number))
            for number, resource in enumerate(resources)
            if resource.key[0] == "world"
        )
        found.add((tuple(waits), values))
    return found


def failures(exploration: Exploration) -> set[tuple[str, str, str]]:
    """The failures of an exploration, written as the oracles write them."""
    return {(one.task, one.kind, one.message.partition(": does a loop")[0]) for one in exploration.failures}


def waits(exploration: Exploration) -> set[Any]:
    """The deadlocks of an exploration, written as the oracles write them."""
    return {
        tuple((*wait, deadlock.lines[wait.task].line) for wait in deadlock.waits) for deadlock in exploration.deadlocks
    }
