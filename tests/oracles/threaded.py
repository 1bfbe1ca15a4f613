"""Random small programs over everything that can wait: `threading`'s twins, the kernel's primitives, shared cells.

A program is a tree of statements, so that one that shows a fault can be cut down (`shrink`), and it is run from its
source text, so that a person can read it and a line has a number.
"""

from __future__ import annotations

import linecache
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from kvmlab.scenario import Scenario


@dataclass(frozen=True)
class Statement:
    """A statement, or a block of them.

    Attributes:
        head: its lines, or the line that opens the block.
        body: the statements of the block; None for a statement without one.
        close: the lines that end the block, indented like the body.
        otherwise: the statements of its ``else``.
        after: lines that follow the block, not indented.
    """

    head: str
    body: tuple[Statement, ...] | None = None
    close: str = ""
    otherwise: tuple[Statement, ...] | None = None
    after: str = ""

    def lines(self, indent: str) -> Iterator[str]:
        more = indent + "    "
        yield from (indent + line for line in self.head.splitlines())
        if self.body is not None:
            inner = [line for one in self.body for line in one.lines(more)]
            inner += [more + line for line in self.close.splitlines()]
            yield from inner or [f"{more}pass"]
        if self.otherwise:
            yield f"{indent}else:"
            for one in self.otherwise:
                yield from one.lines(more)
        yield from (indent + line for line in self.after.splitlines())

    def smaller(self) -> Iterator[tuple[Statement, ...]]:
        """What may stand in its place, with one part less."""
        yield ()
        if self.body is not None:
            yield self.body
            for body in less(self.body):
                yield (replace(self, body=body),)
        if self.otherwise is not None:
            yield (replace(self, otherwise=None),)
            for otherwise in less(self.otherwise):
                yield (replace(self, otherwise=otherwise),)


def less(block: tuple[Statement, ...]) -> Iterator[tuple[Statement, ...]]:
    """`block` with one part less, in every way."""
    for at, statement in enumerate(block):
        for instead in statement.smaller():
            yield (*block[:at], *instead, *block[at + 1 :])


@dataclass(frozen=True)
class Program:
    """What the world makes, by attribute, and what the tasks do."""

    name: str
    objects: tuple[tuple[str, str], ...]
    tasks: tuple[tuple[str, tuple[Statement, ...]], ...]

    @cached_property
    def source(self) -> str:
        lines = ["class World:", "    def __init__(self):"]
        lines += [f"        self.{name} = {made}" for name, made in self.objects] or ["        pass"]
        for name, body in self.tasks:
            lines += ["", f"def {name}(w):"]
            lines += [line for one in body for line in one.lines("    ")] or ["    pass"]
        return "\n".join(lines) + "\n"

    @cached_property
    def space(self) -> dict[str, Any]:
        """The names that running the source gives."""
        space: dict[str, Any] = {"__name__": "__main__"}
        exec("from kvmlab import *; from kvmlab import threading", space)
        filename = f"{self.name}.py"
        linecache.cache[filename] = (len(self.source), None, self.source.splitlines(True), filename)
        exec(compile(self.source, filename, "exec"), space)
        return space

    def scenario(self, order: tuple[int, ...] | None = None) -> Scenario:
        """The scenario, with the tasks in `order`."""
        names = [self.tasks[at][0] for at in (order or range(len(self.tasks)))]
        return Scenario(self.space["World"], *(self.space[name] for name in names), name=self.name)

    def __str__(self) -> str:
        return f"\n{self.source}"


def shrink(program: Program, shows: Callable[[Program], bool]) -> Program:
    """The smallest program that still `shows` what `program` does, taking parts away one by one."""
    number = 0
    while True:
        for smaller in _less(program):
            number += 1
            candidate = replace(smaller, name=f"{program.name.partition('-')[0]}-{number}")
            try:
                if shows(candidate):
                    program = candidate
                    break
            except Exception:  # a program that no longer makes sense
                continue
        else:
            return program


def _less(program: Program) -> Iterator[Program]:
    for at, (name, body) in enumerate(program.tasks):
        if len(program.tasks) > 1:
            yield replace(program, tasks=program.tasks[:at] + program.tasks[at + 1 :])
        for smaller in less(body):
            yield replace(program, tasks=(*program.tasks[:at], (name, smaller), *program.tasks[at + 1 :]))
    for at in range(len(program.objects)):
        yield replace(program, objects=program.objects[:at] + program.objects[at + 1 :])


LOCKS = {"lock": "threading.Lock()", "rlock": "threading.RLock()", "mutex": "Mutex()", "spin": "SpinLock()"}
MAKE = {
    **LOCKS,
    "lock2": "threading.Lock()",
    "cond": "threading.Condition()",
    "cond_l": "threading.Condition(threading.Lock())",
    "cond_a": "threading.Condition(self.lock)",
    "cond_b": "threading.Condition(self.lock)",
    "sem": "threading.Semaphore({})",
    "bounded": "threading.BoundedSemaphore(1)",
    "event": "threading.Event()",
    "barrier": "threading.Barrier(2)",
    "acting": "threading.Barrier(2, lambda: self.cell.store(7))",
    "rwsem": "PercpuRwsem()",
    "reading": "ReaderPreferringRwsem()",
    "srcu": "SRCU()",
    "count": "Refcount({})",
    "done": "Completion()",
    "cell": "Shared(0)",
    "cell2": "Shared(0)",
}
NEEDS = {"acting": "cell", "cond_a": "lock", "cond_b": "lock"}
PLENTY = (
    "lock", "lock", "lock2", "rlock", "rlock", "cond", "cond", "cond_l", "cond_a", "cond_b", "sem", "sem", "bounded",
    "event", "event", "barrier", "acting", "rwsem", "rwsem", "reading", "srcu", "srcu", "count", "done",
    "mutex", "mutex", "spin", "cell", "cell", "cell2", "thread", "thread",
)  # fmt: skip
"""The kinds of objects that a program is made of; those named twice are picked more often."""


class Writer:
    """Writes one program.

    Args:
        seed: the program's number.
        kinds: the kinds of objects to choose from.
        plain: whether there may be plain data, guarded by a condition.
        mistakes: how likely a statement is to be one: a lock taken for good, or given back by somebody else.
    """

    def __init__(
        self, seed: int, kinds: tuple[str, ...] = PLENTY, *, plain: bool = True, mistakes: bool = True
    ) -> None:
        self.rng = random.Random(seed)
        self.seed = seed
        self.used: dict[str, str] = {}
        self.plain = plain
        self.mistakes = mistakes
        self.threads = 0
        number = self.rng.choice([1, 2, 2, 3, 3, 4])
        self.kinds = [self.rng.choice(kinds) for _ in range(number)]
        if set(self.kinds) == {"thread"}:
            self.kinds.append("lock")

    def program(self) -> Program:
        rng = self.rng
        number = rng.choice([2, 2, 2, 3, 3, 4])
        most = {2: 5, 3: 4, 4: 3}[number]
        tasks = tuple((f"t{at}", self.block(rng.randint(1, most))) for at in range(1, number + 1))
        return Program(f"program{self.seed}", tuple(self.used.items()), tasks)

    def use(self, kind: str) -> str:
        """The name, in a task, of the world's object of `kind`."""
        if kind not in self.used:
            if kind in NEEDS:
                self.use(NEEDS[kind])
            made = MAKE[kind].format(self.rng.choice([0, 1, 1, 2]))
            self.used[kind] = made
        return f"w.{kind}"

    def block(self, budget: int, depth: int = 0) -> tuple[Statement, ...]:
        """At most `budget` statements, those in blocks counted."""
        statements: list[Statement] = []
        while budget > 0:
            inner = self.rng.randint(0, min(budget - 1, 2)) if depth < 3 else 0
            statements.append(self.statement(inner, depth))
            budget -= 1 + inner
        return tuple(statements)

    def statement(self, inner: int, depth: int) -> Statement:
        if self.rng.random() < self.mistakes:
            return self.mistake()
        kind = self.rng.choice(self.kinds)
        body = self.block(inner, depth + 1)
        return getattr(self, f"on_{MAKER.get(kind, kind)}")(kind, body)  # type: ignore[no-any-return]

    def leaf(self, *choices: str, body: tuple[Statement, ...] = ()) -> Statement:
        """One of `choices`; or, with a body, a test of the first one's kind around it."""
        return Statement(self.rng.choice(choices))

    def on_lock(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        lock = self.use(kind)
        otherwise = self.rng.choice([None, None, (Statement("return"),)])
        roll = self.rng.random()
        if roll < 0.55:
            return Statement(f"with {lock}:", body)
        if roll < 0.75:
            return Statement(f"if {lock}.acquire(False):", body, f"{lock}.release()", otherwise)
        if roll < 0.95:
            return Statement(f"if {lock}.acquire(timeout=1):", body, f"{lock}.release()", otherwise)
        if kind == "rlock":
            return Statement(f"with {lock}, {lock}:", body)
        return Statement(f"if {lock}.locked():", body or (Statement("return"),))

    def on_mutex(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        lock = self.use(kind)
        if kind == "spin" or self.rng.random() < 0.7:
            return Statement(f"with {lock}:", body)
        return Statement(
            f"if {lock}.trylock():", body, f"{lock}.unlock()", self.rng.choice([None, (Statement("return"),)])
        )

    def on_cond(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        cond = self.use(kind)
        flag = f"w.{kind}_flag"
        closes = [f"{cond}.wait()", f"{cond}.wait(1)", f"if not {cond}.wait(1):\n    return", *[f"{cond}.notify()"] * 3]
        closes += [f"{cond}.notify_all()", f"{cond}.notify(2)"]
        if kind == "cond":
            closes.append(f"with {cond}:\n    {cond}.wait()")
        if self.plain:
            self.used.setdefault(f"{kind}_flag", "0")
            closes += [f"while not {flag}:\n    {cond}.wait()", f"{cond}.wait_for(lambda: {flag})"]
            closes += [f"{cond}.wait_for(lambda: {flag}, 1)", f"if not {cond}.wait_for(lambda: {flag}, 1):\n    return"]
            closes += [f"{flag} += 1\n{cond}.notify()", f"{flag} = 1\n{cond}.notify_all()", f"{flag} = 0"]
        return Statement(f"with {cond}:", body, self.rng.choice(closes))

    def on_sem(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        sem = self.use(kind)
        roll = self.rng.random()
        if roll < 0.3:
            return Statement(f"with {sem}:", body)
        if roll < 0.65:
            how = self.rng.choice(["False", "timeout=1"])
            return Statement(f"if {sem}.acquire({how}):", body, self.rng.choice([f"{sem}.release()", ""]))
        return self.leaf(f"{sem}.release()", f"{sem}.acquire()", *([f"{sem}.release(2)"] if kind == "sem" else []))

    def on_event(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        event = self.use(kind)
        if body and self.rng.random() < 0.5:
            return Statement(self.rng.choice([f"if {event}.wait(1):", f"if {event}.is_set():"]), body)
        return self.leaf(
            f"{event}.set()", f"{event}.set()", f"{event}.wait()", f"{event}.wait()", f"{event}.clear()",
            f"if not {event}.wait(1):\n    return", f"if {event}.is_set():\n    return",
        )  # fmt: skip

    def on_barrier(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        barrier = self.use(kind)
        if self.rng.random() < 0.4:
            lines = [f"{barrier}.abort()", f"{barrier}.reset()", f"if {barrier}.n_waiting:\n    return"]
            return self.leaf(*lines, f"if {barrier}.broken:\n    return")
        how = self.rng.choice(["", "", "1"])
        broken = "except threading.BrokenBarrierError:\n    " + self.rng.choice(["pass", "return"])
        return Statement("try:", (Statement(f"if {barrier}.wait({how}) == 0:", body),), "", None, broken)

    def on_rwsem(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        sem = self.use(kind)
        if self.rng.random() < 0.2:
            return Statement(f"if {sem}.read_trylock():", body, f"{sem}.read_unlock()")
        return Statement(f"with {sem}.{self.rng.choice(['read', 'read', 'write'])}():", body)

    def on_srcu(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        srcu = self.use(kind)
        if self.rng.random() < 0.4:
            return Statement(f"{srcu}.synchronize()")
        return Statement(f"with {srcu}.read():", body)

    def on_count(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        count = self.use(kind)
        tests = [f"{count}.inc_not_zero()", f"{count}.dec_and_test()", f"{count}.read() == 1"]
        if self.rng.random() < 0.6:
            return Statement(f"if {self.rng.choice(tests)}:", body or (Statement("return"),))
        return self.leaf(f"{count}.inc_not_zero()", f"{count}.dec_and_test()", f"{count}.read()")

    def on_done(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        done = self.use(kind)
        return self.leaf(
            f"{done}.wait()", f"{done}.wait()", f"{done}.complete()", f"{done}.complete()", f"{done}.complete_all()"
        )

    def on_cell(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        cell = self.use(kind)
        roll = self.rng.random()
        if roll < 0.4:
            return Statement(f"if {cell}.load() == {self.rng.randint(0, 1)}:", body or (Statement("return"),))
        return self.leaf(f"{cell}.store(1)", f"{cell}.store(2)", f"{cell}.store({cell}.load() + 1)", f"{cell}.load()")

    def on_thread(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        self.threads += 1
        child = f"c{self.threads}"
        thread = f"thread{self.threads}"
        body = body or (self.statement(0, 3),)
        ends = ["", f"{thread}.join()", f"{thread}.join()", f"{thread}.join(1)", f"if {thread}.is_alive():\n    return"]
        after = f"{thread} = threading.Thread(target={child})\n{thread}.start()\n{self.rng.choice(ends)}"
        return Statement(f"def {child}():", body, "", None, after)

    def mistake(self) -> Statement:
        kind = self.rng.choice(self.kinds)
        if kind in ("lock", "lock2", "rlock", "sem", "bounded"):
            lock = self.use(kind)
            return self.leaf(f"{lock}.acquire()", f"{lock}.release()")
        if kind in ("mutex", "spin"):
            lock = self.use(kind)
            return self.leaf(f"{lock}.lock()", f"{lock}.unlock()")
        return self.leaf("raise ValueError('no')", "return")


MAKER = {
    "lock2": "lock", "rlock": "lock", "spin": "mutex", "cond_l": "cond", "cond_a": "cond", "cond_b": "cond",
    "bounded": "sem", "acting": "barrier", "reading": "rwsem", "cell2": "cell",
}  # fmt: skip
"""Kinds that are used like another."""


def program(seed: int, **options: Any) -> Program:
    """The program with number `seed`."""
    return Writer(seed, **options).program()
