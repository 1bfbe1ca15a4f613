"""The lock-order graph: which lock a task may wait for while it holds another, over all schedules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kvmlab.behaviours import Halt, Node
from kvmlab.circles import reachable, shortest_circle
from kvmlab.controlled import watched
from kvmlab.draw.diagram import Edge, diagram
from kvmlab.draw.diagram import Node as Shape
from kvmlab.draw.markup import shorten
from kvmlab.draw.picture import Picture
from kvmlab.draw.refusal import named
from kvmlab.draw.words import HOLDS, Words, call, roles, wait_words
from kvmlab.errors import NeedsTraces, ScenarioError
from kvmlab.operation import always, outcome, ready
from kvmlab.printing import captured
from kvmlab.scenario import Scenario
from kvmlab.states import StateSpace
from kvmlab.verdict import plural, table

STATES = 200_000
"""How many states are looked at before the drawing is refused."""

SHOWN = 4
"""How many tasks of one kind an arrow names."""

HELD = {"reader": "as reader", "inside": "as reader", "writer": "as writer", "pending": "as writer"}
WAITED = {
    "read_lock": "to read",
    "write_lock": "to write",
    "synchronize_srcu": "for a grace period",
    "join": "for its end",
}


class Order(NamedTuple):
    """A task may wait in `operation` on lock `after` while it is `role` to lock `before`."""

    before: str
    role: str
    task: str
    operation: str
    after: str


def lock_order(scenario: Scenario, *, caption: str | None = None) -> Picture:
    """The lock-order graph of `scenario`: which lock a task may wait for while it holds another, in any schedule.

    An arrow leads from the lock that is held to the lock that is waited for, and names the task. A circle of arrows
    says that a deadlock is possible as far as the order of locks goes; whether it can happen, `explore` says.

    Args:
        scenario: one that the search by states can take.
        caption: a sentence to stand below it.

    Raises:
        ScenarioError: it is no scenario, or one that needs the search by traces, is not repeatable, or is too large.
    """
    if not isinstance(scenario, Scenario):
        raise ScenarioError(
            f"lock_order takes a Scenario, not {named(scenario)}: write draw.lock_order(Scenario(World, task, task))"
        )
    orders = _orders(_space(scenario))
    ahead: dict[str, list[str]] = {}
    for order in orders:
        ahead.setdefault(order.before, []).append(order.after)
    reached = reachable(ahead)
    circling = [order for order in orders if order.before in reached.get(order.after, ())]
    circle = shortest_circle({name: list(dict.fromkeys(names)) for name, names in ahead.items()})
    circling.sort(key=lambda order: circle.index(order.before) if order.before in circle else len(circle))
    others = [order for order in orders if order not in circling]
    edges = [*_edges(circling, cycle=True), *_edges(others, cycle=False)]
    names = dict.fromkeys([*circle, *(name for order in orders for name in (order.before, order.after))])
    nodes = [Shape(name, "lock") for name in names]
    text = _text(scenario.name, circling, others)
    return Picture(text, lambda: diagram(nodes, edges, [Shape(name, "lock") for name in circle]), caption)


def _space(scenario: Scenario) -> StateSpace:
    with watched(), captured():
        try:
            space = StateSpace(scenario, STATES)
        except NeedsTraces as needs:
            raise ScenarioError(
                f"no lock-order graph of {scenario.name}: {needs}. It is read from the search by states; keep what "
                "tasks share in resources (Shared for a plain value)."
            ) from None
        except Halt as halt:
            raise ScenarioError(f"no lock-order graph of {scenario.name}: {halt.failure.message}") from None
    if not space.complete:
        raise ScenarioError(
            f"no lock-order graph of {scenario.name}: it has more than {STATES:,} states. Take fewer tasks."
        )
    return space


def _orders(space: StateSpace) -> list[Order]:
    """Every order that some state shows, in the order of the tasks, their operations, and the locks."""
    behaviours = space.behaviours
    roles_at = [
        [roles(resource, value) for value in values]
        for resource, values in zip(behaviours.resources, behaviours.values, strict=True)
    ]
    found: dict[tuple[int, int, int], dict[Order, None]] = {}
    seen: set[tuple[int, int, int, int]] = set()
    for state in space.states:
        for task, number in _about_to_wait(space, state):
            for held, by_value in enumerate(roles_at):
                value = space.field(state, space.tasks + held)
                if (task, number, held, value) in seen:
                    continue
                seen.add((task, number, held, value))
                for order in _order(space, task, number, held, value, by_value[value]):
                    found.setdefault((task, number, held), {})[order] = None
    return list(dict.fromkeys(order for key in sorted(found) for order in found[key]))


def _about_to_wait(space: StateSpace, state: int) -> Iterator[tuple[int, int]]:
    """The tasks, with their places, that stand before an operation in which they may have to wait."""
    for task, tree in enumerate(space.behaviours.trees):
        number = space.field(state, task)
        operation = tree[number].operation
        if operation and (operation.sleeps or operation.preempt > 0 or operation.guard is not always):
            yield task, number


def _order(
    space: StateSpace, task: int, number: int, held: int, value: int, known: list[tuple[str, str]]
) -> Iterator[Order]:
    """The orders that `task` shows at its place `number` when lock `held` has its value number `value`."""
    node = space.behaviours.trees[task][number]
    assert node.operation is not None
    name = space.scenario.task_names[task]
    if node.resource == held and _has_it_already(node, name, space.behaviours.values[held][value]):
        return
    before, after = (space.behaviours.resources[at].label for at in (held, node.resource))
    for role, holder in known:
        if holder == name and role != "synchronizer":
            yield Order(before, role, name, call(node.operation.name), after)


def _has_it_already(node: Node, task: str, value: Any) -> bool:
    """Whether `task`, which holds the lock that it asks for here, need not wait for itself.

    So it is in the second half of a call, such as a writer's drain, and with a lock that its owner may take again.
    """
    operation = node.operation
    assert operation is not None
    if call(operation.name) != operation.name:
        return True
    if operation.guard is always or not ready(operation, value, task, node.args):
        return False
    return operation.takes(outcome(operation, value, task, node.args)[1])


def _edges(orders: list[Order], *, cycle: bool) -> list[Edge]:
    """One arrow per pair of locks, with all the tasks that make it."""
    pairs: dict[tuple[str, str], dict[str, list[str]]] = {}
    for order in orders:
        how = ", ".join(word for word in (HELD.get(order.role), WAITED.get(order.operation)) if word)
        pairs.setdefault((order.before, order.after), {}).setdefault(how, []).append(order.task)
    return [
        Edge(Shape(before, "lock"), Shape(after, "lock"), "order", Words(_label(tasks), ""), cycle)
        for (before, after), tasks in pairs.items()
    ]


def _label(tasks: dict[str, list[str]]) -> tuple[str, ...]:
    """The names of `tasks`, which are given by how they hold and wait, and below those of one kind, how."""
    lines: list[str] = []
    for how, names in tasks.items():
        named = list(dict.fromkeys(names))
        lines += map(shorten, named[:SHOWN])
        lines += [f"and {len(named) - SHOWN} more"] if len(named) > SHOWN else []
        lines += [f"({how})"] if how else []
    return tuple(lines)


def _text(name: str, circling: list[Order], others: list[Order]) -> str:
    if not circling and not others:
        return f"{name}: no task ever waits for a lock while it holds another."
    locks = len({order.before for order in circling})
    around = f"{plural(locks, 'lock')} in a circle" if locks != 1 else "a lock is waited for under itself"
    around = around if locks else "no circle"
    lines = [f"{name}, lock order over all schedules: {around}."]
    if circling:
        lines += [_rows(circling)]
    if others:
        lines += [*(["Besides:"] if circling else []), _rows(others)]
    return "\n".join(lines)


def _rows(orders: list[Order]) -> str:
    return table(
        (
            order.before,
            HOLDS[order.role].phrase,
            order.task,
            "which may wait" + wait_words(order.operation).phrase.removeprefix("waits"),
            order.after,
        )
        for order in orders
    )
