"""A report of the complete rules is true, or it is wrong for a reason that has a name.

Random tasks of nested sections run one after another. When lockdep reports, an independent look at the programs asks
whether the circle can be walked: is there, for each of its dependencies, a place in some task where it arises, so that
together

- the lock that one asks for is the very lock that the next one holds        (else: **class against instance**)
- nobody holds what another one holds, unless both only read                 (else: **gate lock**)
- nobody got there by a try-lock, which another schedule may fail            (else: **try-lock**)
- nobody waited for another task on the way                                  (else: **data flow**)

If there is, some schedule of those tasks, each as often as it is needed, and of a writer for every lock that readers
share, must deadlock there. `explore` is asked.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmlab import SRCU, Completion, Mutex, PercpuRwsem, Scenario, explore, lockdep
from kvmlab.lockdep import History

MUTEXES = ["a", "b", "c", "v0", "v1"]
NAMES = ["a", "b", "c", "p", "s", "v0", "v1"]
CLASS = {name: name for name in NAMES} | {"v0": "&part->v", "v1": "&part->v"}
ENTER = {"lock": "E", "try": "E", "write": "E", "read": "S", "srcu": "S"}


@dataclass(frozen=True)
class Block:
    """A section of a program: how it is entered, on which lock, and what is inside. `wait`, `say` and `sync` are empty."""

    how: str
    lock: str
    inside: tuple[Block, ...] = ()

    def __str__(self) -> str:
        body = f" {{{' '.join(map(str, self.inside))}}}" if self.inside else ""
        return f"{self.how} {self.lock}{body}"


class Part:
    def __init__(self) -> None:
        self.v = Mutex()


class World(SimpleNamespace):
    def __init__(self) -> None:
        super().__init__(a=Mutex(), b=Mutex(), c=Mutex(), p=PercpuRwsem(), s=SRCU(), done=Completion())
        self.parts = [Part(), Part()]

    def lock(self, name: str) -> Any:
        return self.parts[int(name[1])].v if name[0] == "v" else getattr(self, name)


def perform(blocks: tuple[Block, ...], w: World) -> None:
    for block in blocks:
        lock = w.lock(block.lock)
        if block.how == "wait":
            lock.wait()
        elif block.how == "say":
            lock.complete_all()
        elif block.how == "sync":
            lock.synchronize()
        elif block.how == "try":
            if lock.trylock():
                perform(block.inside, w)
                lock.unlock()
        else:
            with {"lock": lambda: lock, "read": lambda: lock.read(), "write": lambda: lock.write(), "srcu": lambda: lock.read()}[block.how]():
                perform(block.inside, w)


def programs(random: Random) -> list[tuple[Block, ...]]:
    """Up to four tasks of one or two sections, nested up to three deep; sometimes one waits for another."""
    tasks = [tuple(section(random, 3) for _ in range(random.randint(1, 2))) for _ in range(random.randint(1, 4))]
    if len(tasks) > 1 and random.random() < 0.2:
        sayer, waiter = sorted(random.sample(range(len(tasks)), 2))
        tasks[sayer] = (*tasks[sayer], Block("say", "done"))
        tasks[waiter] = (Block("wait", "done"), *tasks[waiter])
    return tasks


def section(random: Random, depth: int) -> Block:
    lock = random.choice(NAMES)
    how = {"p": ["read", "read", "write"], "s": ["srcu", "srcu", "sync"]}.get(lock, ["lock"] * 7 + ["try"])
    entered = random.choice(how)
    more = entered != "sync" and depth > 1 and random.random() < (0.9 if depth == 3 else 0.4)
    inside = tuple(section(random, depth - 1) for _ in range(random.randint(1, 2))) if more else ()
    return Block(entered, lock, inside)


def scenario(tasks: list[tuple[Block, ...]], writers: bool = False) -> Scenario:
    functions: list[Any] = [partial(perform, blocks) for blocks in tasks]
    if writers:
        functions.append(partial(perform, (Block("write", "p"),)))
    made = Scenario(World, *functions, name="random")
    made.task_names = tuple(f"t{number}" for number in range(len(functions)))
    return made


class Step(NamedTuple):
    """A place in a program where a lock is asked for while another one is held."""

    task: int
    outer: str
    inner: str
    dep: str
    held: tuple[tuple[str, str], ...]
    tried: bool
    waited: bool


def steps(task: int, blocks: tuple[Block, ...]) -> Iterator[Step]:
    """Every such place of one program."""

    def walk(inside: tuple[Block, ...], held: tuple[tuple[str, str], ...], tried: bool, waited: bool) -> Iterator[Step]:
        for block in inside:
            if block.how in ("wait", "say"):
                waited = waited or block.how == "wait"
                continue
            strength = ENTER.get(block.how, "E")
            if block.how != "try":
                for outer, mode in held:
                    dep = mode + ("R" if block.how == "srcu" else "N")
                    yield Step(task, outer, block.lock, dep, held, tried, waited)
            if block.how != "sync":
                yield from walk(block.inside, (*held, (block.lock, strength)), tried or block.how == "try", waited)

    yield from walk(blocks, (), False, False)


@dataclass
class Judgement:
    """What can be said of a reported history without running it: steps that close the circle, or why there are none."""

    together: tuple[Step, ...] = ()
    reasons: tuple[str, ...] = ()
    copies: Counter[int] = field(default_factory=Counter)


def judge(tasks: list[tuple[Block, ...]], history: History) -> Judgement:
    assert history.report is not None
    found = [step for number, blocks in enumerate(tasks) for step in steps(number, blocks)]
    edges = [(link.under, link.cls, link.dep) for link in reversed(history.report.chain)]
    if not edges:  # a recursion: one class asked for under itself
        name = history.cycle[0]
        edges = [(name, name, dep) for dep in ("EN", "SN", "ER", "SR")]
        choices = [(step,) for step in found for edge in edges if _is(step, edge) and step.dep != "SR"]
    else:
        around = edges[-1:] + edges[:-1] if edges else edges
        choices = list(itertools.product(*([step for step in found if _is(step, edge)] for edge in around)))
    reasons = []
    tests = {
        "class against instance": _same_instances,
        "gate lock": _nothing_in_common,
        "try-lock": lambda choice: not any(step.tried for step in choice),
        "data flow": lambda choice: not any(step.waited for step in choice),
    }
    assert choices, "a report without a place in any program"
    for name, test in tests.items():
        kept = [choice for choice in choices if test(choice)]
        if not kept:
            return Judgement(reasons=(name,))
        choices = kept
    best = min(choices, key=lambda choice: max(Counter(step.task for step in choice).values()))
    return Judgement(best, tuple(reasons), Counter(step.task for step in best))


def _is(step: Step, edge: tuple[str, str, str]) -> bool:
    return (CLASS[step.outer], CLASS[step.inner], step.dep) == edge


def _same_instances(choice: tuple[Step, ...]) -> bool:
    return all(one.inner == other.outer for one, other in zip(choice, (*choice[1:], choice[0]), strict=True))


def _nothing_in_common(choice: tuple[Step, ...]) -> bool:
    return not any(
        lock == other_lock and "E" in (mode, other_mode)
        for one, other in itertools.combinations(choice, 2)
        for lock, mode in one.held
        for other_lock, other_mode in other.held
    )


def is_true(tasks: list[tuple[Block, ...]], judgement: Judgement, history: History) -> bool:
    """Whether the tasks of the circle, as often as needed and with a writer, deadlock in all its classes at once."""
    chosen = [tasks[number] for number in sorted(judgement.copies.elements())]
    writers = "p" in history.cycle
    found = explore(scenario(chosen, writers), max_states=60_000)
    wanted = set(history.cycle)
    labels = {"parts[0].v": "&part->v", "parts[1].v": "&part->v"}
    return any(
        wanted <= {labels.get(wait.resource, wait.resource) for wait in deadlock.waits} for deadlock in found.deadlocks
    )


def look(random: Random) -> str:
    tasks = programs(random)
    history = lockdep(scenario(tasks))
    assert not history.failures
    if history.verdict == "silent":
        return "silent"
    judgement = judge(tasks, history)
    if judgement.reasons:
        return judgement.reasons[0]
    shown = "\n".join(" ; ".join(map(str, blocks)) for blocks in tasks)
    assert is_true(tasks, judgement, history), f"{shown}\n{history}\n{judgement}"
    return "deadlock" if max(judgement.copies.values()) < 3 else "deadlock of three copies"


@given(st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_a_report_is_true_or_has_a_named_reason(random: Random) -> None:
    look(random)


@pytest.mark.slow
def test_each_reason_is_met_in_a_thousand_histories_drawn_evenly() -> None:
    met = Counter(look(Random(seed)) for seed in range(1_000))
    print(met)
    assert {"silent", "deadlock", "class against instance", "gate lock", "try-lock", "data flow"} <= set(met)
