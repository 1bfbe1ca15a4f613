"""A report of the complete rules is true, or it is wrong for a reason that has a name.

Random tasks of nested sections run one after another. When lockdep reports, an independent look at the programs asks
whether the circle can be walked: is there, for each of its dependencies, a place in some task where it arises, so that
together

- the lock that one asks for is the very lock that the next one holds        (else: **class against instance**)
- nobody holds what another one holds, unless both only read                 (else: **gate lock**)
- nobody gets on by a try-lock or with a timeout: the wait may end by itself (else: **try-lock**)
- nobody waited for another task on the way                                  (else: **data flow**)

If there is, some schedule of those tasks, each as often as it is needed, and of a writer for the lock that readers
share, must deadlock there. `explore` is asked; and it is asked as well when a reason speaks against it, since then a
deadlock is possible but not sure.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmlab import SRCU, Completion, Mutex, PercpuRwsem, Scenario, explore, lockdep
from kvmlab.lockdep import History
from kvmlab.threading import Lock

TIMED = ["a", "b", "c"]
NAMES = ["a", "b", "c", "p", "s", "v0", "v1"]
CLASS = {name: name for name in NAMES} | {"v0": "&part->v", "v1": "&part->v"}
ENTER = {"lock": "E", "try": "E", "timed": "E", "write": "E", "read": "S", "srcu": "S"}


@dataclass(frozen=True)
class Block:
    """A section of a program: how it is entered, on which lock, and what is inside; `wait`, `say`, `sync` are empty."""

    how: str
    lock: str
    inside: tuple[Block, ...] = ()

    def __str__(self) -> str:
        body = f" {{{' '.join(map(str, self.inside))}}}" if self.inside else ""
        return f"{self.how} {self.lock}{body}"


SAY = Block("say", "done")


class Part:
    def __init__(self) -> None:
        self.v = Mutex()


class World(SimpleNamespace):
    def __init__(self) -> None:
        super().__init__(a=Lock(), b=Lock(), c=Lock(), p=PercpuRwsem(), s=SRCU(), done=Completion())
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
            if lock.trylock() if isinstance(lock, Mutex) else lock.acquire(blocking=False):
                perform(block.inside, w)
                (lock.unlock if isinstance(lock, Mutex) else lock.release)()
        elif block.how == "timed":
            if lock.acquire(timeout=1):
                perform(block.inside, w)
                lock.release()
        else:
            with {"lock": lambda lock: lock, "write": PercpuRwsem.write}.get(block.how, lambda lock: lock.read())(lock):
                perform(block.inside, w)


def programs(random: Random) -> list[tuple[Block, ...]]:
    """Up to four tasks of one or two sections, nested up to three deep; sometimes one waits for another."""
    tasks = [tuple(section(random, 3) for _ in range(random.randint(1, 2))) for _ in range(random.randint(1, 4))]
    if len(tasks) > 1 and random.random() < 0.3:
        sayer, waiter = sorted(random.sample(range(len(tasks)), 2))
        tasks[sayer] = (*tasks[sayer], SAY)
        tasks[waiter] = (Block("wait", "done"), *tasks[waiter])
    return tasks


def section(random: Random, depth: int) -> Block:
    lock = random.choice(NAMES)
    how = {"p": ["read", "read", "write"], "s": ["srcu", "srcu", "sync"]}.get(
        lock, ["lock"] * 8 + ["try"] + ["timed"] * (lock in TIMED)
    )
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
    """Every such place of one program, in program order."""
    tried = waited = False

    def walk(inside: tuple[Block, ...], held: tuple[tuple[str, str], ...]) -> Iterator[Step]:
        nonlocal tried, waited
        for block in inside:
            waited = waited or block.how == "wait"
            tried = tried or block.how in ("try", "timed")
            if block.how in ("wait", "say"):
                continue
            if block.how != "try":
                for outer, mode in held:
                    dep = mode + ("R" if block.how == "srcu" else "N")
                    yield Step(task, outer, block.lock, dep, held, tried, waited)
            if block.how != "sync":
                yield from walk(block.inside, (*held, (block.lock, ENTER[block.how])))

    yield from walk(blocks, ())


def seen(tasks: list[tuple[Block, ...]], history: History) -> list[Step]:
    """The places that were met until the report: those of the tasks before, and the reporter's up to its own."""
    reporter, asked, held = int(history.reporter[1:]), history.cycle[0], history.cycle[-2]  # type: ignore[index]
    deps = [link.dep for link in history.report.chain[-1:]] or ["EN", "ER", "SN"]  # type: ignore[union-attr]
    found = [step for number in range(reporter) for step in steps(number, tasks[number])]
    for step in steps(reporter, tasks[reporter]):
        found.append(step)
        if (CLASS[step.outer], CLASS[step.inner]) == (held, asked) and step.dep in deps:
            break
    return found


@dataclass
class Judgement:
    """What a look at the programs says of a report: steps that make the circle, and what speaks against them."""

    together: tuple[Step, ...]
    reason: str | None

    @property
    def copies(self) -> Counter[int]:
        """How often each task is needed: once for each of its steps."""
        return Counter(step.task for step in self.together)


def judge(tasks: list[tuple[Block, ...]], history: History) -> Judgement:
    assert history.report is not None
    found = seen(tasks, history)
    edges = [(link.under, link.cls, link.dep) for link in history.report.chain]
    if edges:
        choices = list(itertools.product(*([step for step in found if _is(step, edge)] for edge in reversed(edges))))
    else:  # a recursion: one class asked for under itself
        choices = [(found[-1],)]
    assert choices, "a report without a place in any program"
    reason = None
    tests = {
        "class against instance": _same_instances,
        "gate lock": _nothing_in_common,
        "try-lock": lambda choice: not any(step.tried for step in choice),
        "data flow": lambda choice: not any(step.waited for step in choice),
    }
    for name, test in tests.items():
        kept = [choice for choice in choices if test(choice)]
        choices, reason = (kept, reason) if kept else (choices, reason or name)
    best = min(choices, key=lambda choice: max(Counter(step.task for step in choice).values()))
    return Judgement(best, reason)


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
    """Whether the tasks of the circle, with those they wait for and a writer, deadlock in all of its classes."""
    chosen = [tasks[number] for number in sorted(judgement.copies.elements())]
    if any(step.waited for step in judgement.together):
        chosen += [blocks for number, blocks in enumerate(tasks) if SAY in blocks and number not in judgement.copies]
    writers = "p" in history.cycle
    found = explore(scenario(chosen, writers), max_states=60_000)
    wanted = set(history.cycle)
    labels = {"parts[0].v": "&part->v", "parts[1].v": "&part->v"}
    return any(
        wanted <= {labels.get(wait.resource, wait.resource) for wait in deadlock.waits} for deadlock in found.deadlocks
    )


def look(random: Random) -> str:
    return verdict_on(programs(random))


def verdict_on(tasks: list[tuple[Block, ...]]) -> str:
    """``silent``; ``deadlock`` when the report is true; else the reason why it is not."""
    history = lockdep(scenario(tasks))
    assert not history.failures
    if history.verdict == "silent":
        return "silent"
    judgement = judge(tasks, history)
    if is_true(tasks, judgement, history):
        return "deadlock" if max(judgement.copies.values()) < 3 else "deadlock, three copies"
    shown = "\n".join(" ; ".join(map(str, blocks)) for blocks in tasks)
    assert judgement.reason, f"{shown}\n{history}\n{judgement}"
    return judgement.reason


@given(st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_a_report_is_true_or_has_a_named_reason(random: Random) -> None:
    look(random)


def test_a_report_is_true_or_has_a_named_reason_in_histories_drawn_evenly() -> None:
    """Most of them are true."""
    met = Counter(look(Random(seed)) for seed in range(700))
    assert met["deadlock"] > sum(met.values()) / 2
    assert met["silent"] > 0


def block(how: str, lock: str, *inside: Block) -> Block:
    return Block(how, lock, inside)


EXAMPLES = {
    "deadlock": [(block("lock", "a", block("lock", "b")),), (block("lock", "b", block("lock", "a")),)],
    "gate lock": [
        (block("lock", "c", block("lock", "a", block("lock", "b"))),),
        (block("lock", "c", block("lock", "b", block("lock", "a"))),),
    ],
    "class against instance": [(block("lock", "v0", block("lock", "v1")),)],
    "try-lock": [(block("lock", "a", block("timed", "b")),), (block("lock", "b", block("lock", "a")),)],
    "data flow": [
        (block("lock", "a", block("lock", "b")), SAY),
        (block("wait", "done"), block("lock", "b", block("lock", "a"))),
    ],
    "deadlock, three copies": [
        (
            block("lock", "a", block("lock", "b")),
            block("lock", "b", block("lock", "c")),
            block("lock", "c", block("lock", "a")),
        )
    ],
}


@pytest.mark.parametrize("reason", EXAMPLES)
def test_each_reason_has_its_example(reason: str) -> None:
    tasks = EXAMPLES[reason]
    assert reason == verdict_on(tasks)
    copies = 1 if reason == "data flow" else 2  # whoever has been waited for must not come again
    assert explore(scenario(tasks * copies)).verdict == ("deadlock" if reason == "deadlock" else "proven")
