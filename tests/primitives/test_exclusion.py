"""What locks are for, checked on every state of random programs from the tasks' histories alone.

Nothing here looks at a lock's value: who is inside what is counted from the operations that tasks have done.
"""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from kvmlab.operation import Fault
from kvmlab.states import StateSpace
from tests.oracles.programs import program

ENTER = {"lock", "write_lock (drain)", "read_lock (queued)", "srcu_read_lock"}
LEAVE = {"unlock", "write_unlock", "read_unlock", "srcu_read_unlock"}


def inside(space: StateSpace, at: int) -> dict[str, Counter[tuple[str, str]]]:
    """By resource: how often each (task, "read" or "write" or "own") is inside in state `at`."""
    found: dict[str, Counter[tuple[str, str]]] = {}
    for task, name in enumerate(space.scenario.task_names):
        number = space.field(space.states[at], task)
        tree = space.behaviours.trees[task]
        path = [number]
        while tree[path[-1]].parent >= 0:
            path.append(tree[path[-1]].parent)
        path.reverse()
        for here, after in itertools.pairwise(path):
            node, result = tree[here], tree[after].results[-1]
            if node.operation is None or isinstance(result, Fault):
                continue
            resource = space.behaviours.resources[node.resource]
            operation, kind = node.operation.name, "own"
            if "read" in operation:
                kind = "read"
            elif "write" in operation:
                kind = "write"
            got = operation in ENTER or (operation in {"trylock", "read_trylock"} and result is True)
            got = got or (operation == "read_lock" and result is True)
            got = got or (operation == "write_lock" and "Preferring" in type(resource).__name__)
            change = 1 if got else -1 if operation in LEAVE else 0
            found.setdefault(resource.label, Counter())[name, kind] += change
    return found


@pytest.mark.parametrize("first", range(5_000, 5_600, 100))
def test_in_every_state_owners_are_alone_and_writers_meet_no_readers(first: int) -> None:
    """Six hundred programs, every reachable state of each."""
    for seed in range(first, first + 100):
        one = program(seed)
        space = StateSpace(one.scenario, 100_000)
        for at in range(len(space.states)):
            for label, counts in inside(space, at).items():
                owners = [task for (task, kind), count in counts.items() if kind == "own" and count]
                writers = [task for (task, kind), count in counts.items() if kind == "write" and count]
                readers = [task for (task, kind), count in counts.items() if kind == "read" and count]
                assert min(counts.values()) >= 0, one
                assert len(owners) <= 1, (label, one)
                assert not writers or (len(writers) == 1 and not readers), (label, one)


@pytest.mark.parametrize("first", range(6_000, 6_300, 100))
def test_a_grace_period_never_ends_under_a_reader_that_was_there_before_its_flip(first: int) -> None:
    """In every move that ends one: no reader inside now was inside when it began."""
    ends = 0
    for seed in range(first, first + 100):
        one = program(seed)
        if "synchronize" not in one.source:
            continue
        space = StateSpace(one.scenario, 100_000)
        resources = space.behaviours.resources
        began: dict[int, dict[tuple[int, str], frozenset[str]]] = {0: {}}
        for at, state in enumerate(space.states):
            readers = {
                label: frozenset(task for (task, kind), count in counts.items() if kind == "read" and count)
                for label, counts in inside(space, at).items()
            }
            for task in range(space.tasks):
                after = space.moves[task][at]
                if after < 0:
                    continue
                node = space.node(state, task)
                assert node.operation is not None
                label = resources[node.resource].label
                known = dict(began.get(at, {}))
                if node.operation.name == "synchronize_srcu":
                    known[task, label] = readers.get(label, frozenset())
                elif node.operation.name == "synchronize_srcu (drain)":
                    ends += 1
                    still = known.pop((task, label))
                    assert not still, (still, one)
                elif node.operation.name == "srcu_read_unlock":
                    name = space.scenario.task_names[task]
                    known = {key: who - {name} for key, who in known.items()} if not _nested(space, at, name) else known
                merged = began.setdefault(after, known)
                began[after] = {key: merged.get(key, frozenset()) | who for key, who in known.items()}
    assert ends > 50


def _nested(space: StateSpace, at: int, name: str) -> bool:
    return any(counts[name, "read"] > 1 for counts in inside(space, at).values())
