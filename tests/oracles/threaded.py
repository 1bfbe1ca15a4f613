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

    def run(self, **names: Any) -> dict[str, Any]:
        """Run the source, in which `names` mean what they are given as; return what it defines."""
        space: dict[str, Any] = {"__name__": "__main__"}
        exec("from kvmlab import *; from kvmlab import threading", space)
        space.update(names)
        filename = f"{self.name}.py"
        linecache.cache[filename] = (len(self.source), None, self.source.splitlines(True), filename)
        exec(compile(self.source, filename, "exec"), space)
        return space

    def scenario(self, order: tuple[int, ...] | None = None, **names: Any) -> Scenario:
        """The scenario, with the tasks in `order` and with `names` for its source."""
        space = self.run(**names)
        tasks = [self.tasks[at][0] for at in (order or range(len(self.tasks)))]
        return Scenario(space["World"], *(space[name] for name in tasks), name=self.name)

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
        mistakes: how likely a statement is to be one, such as a lock that is never given back.
        handed: whether a mistake may be to release a `Lock` that another task owns.
        flat: one statement, without others inside, for a task; two at most where there are two tasks.
        noted: whether results are noted, by ``note(w, result)``.
    """

    def __init__(
        self,
        seed: int,
        kinds: tuple[str, ...] = PLENTY,
        *,
        plain: bool = True,
        mistakes: float = 0.03,
        handed: bool = False,
        flat: bool = False,
        noted: bool = False,
    ) -> None:
        self.rng = random.Random(seed)
        self.seed = seed
        self.used: dict[str, str] = {"notes": "{}"} if noted else {}
        self.plain = plain
        self.mistakes = mistakes
        self.handed = handed
        self.flat = flat
        self.noted = noted
        self.threads = 0
        number = self.rng.choice([1, 2, 2, 3, 3, 4])
        self.kinds = [self.rng.choice(kinds) for _ in range(number)]
        if set(self.kinds) == {"thread"}:
            self.kinds.append("lock")

    def program(self) -> Program:
        rng = self.rng
        number = rng.choice([2, 2, 2, 3, 3, 4])
        most = {2: 2, 3: 1, 4: 1}[number] if self.flat else {2: 5, 3: 4, 4: 3}[number]
        tasks = tuple((f"t{at}", self.block(rng.randint(1, most))) for at in range(1, number + 1))
        return Program(f"program{self.seed}", tuple(self.used.items()), tasks)

    def use(self, kind: str) -> str:
        """The name, in a task, of the world's object of `kind`."""
        if kind not in self.used:
            if kind in NEEDS:
                self.use(NEEDS[kind])
            self.used[kind] = MAKE[kind].format(self.rng.choice([0, 1, 1, 2]))
        return f"w.{kind}"

    def note(self, result: str) -> str:
        """The expression `result`, noted if results are to be."""
        return f"note(w, {result})" if self.noted else result

    def block(self, budget: int, depth: int = 0) -> tuple[Statement, ...]:
        """At most `budget` statements, those in blocks counted."""
        statements: list[Statement] = []
        while budget > 0:
            inner = self.rng.randint(0, min(budget - 1, 2)) if depth < 3 and not self.flat else 0
            statements.append(self.statement(inner, depth))
            budget -= 1 + inner
        return tuple(statements)

    def statement(self, inner: int, depth: int) -> Statement:
        if self.rng.random() < self.mistakes:
            return self.mistake()
        kind = self.rng.choice(self.kinds)
        body = self.block(inner, depth + 1)
        write: Callable[[str, tuple[Statement, ...]], Statement] = getattr(self, f"on_{LIKE.get(kind, kind)}")
        return write(kind, body)

    def one_of(self, *lines: str) -> Statement:
        return Statement(self.rng.choice(lines))

    def time(self) -> str:
        return self.rng.choice(["1", "1", "1", "0"])

    def on_lock(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        lock = self.use(kind)
        otherwise = self.rng.choice([None, None, (Statement("return"),)])
        roll = self.rng.random()
        if roll < 0.55:
            return Statement(f"with {lock}:", body)
        if roll < 0.95:
            how = "False" if roll < 0.75 else f"timeout={self.time()}"
            return Statement(f"if {self.note(f'{lock}.acquire({how})')}:", body, f"{lock}.release()", otherwise)
        if kind == "rlock":
            return Statement(f"with {lock}, {lock}:", body)
        return Statement(f"if {self.note(f'{lock}.locked()')}:", body or (Statement("return"),))

    def on_mutex(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        lock = self.use(kind)
        if kind == "spin" or self.rng.random() < 0.7:
            return Statement(f"with {lock}:", body)
        otherwise = self.rng.choice([None, (Statement("return"),)])
        return Statement(f"if {lock}.trylock():", body, f"{lock}.unlock()", otherwise)

    def on_cond(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        cond = self.use(kind)
        flag = f"w.{kind}_flag"
        late = self.note(f"{cond}.wait({self.time()})")
        closes = [self.note(f"{cond}.wait()"), late, f"if not {late}:\n    return", *[f"{cond}.notify()"] * 3]
        closes += [f"{cond}.notify_all()", f"{cond}.notify(2)"]
        if kind == "cond":
            closes.append(f"with {cond}:\n    {cond}.wait()")
        if self.plain:
            self.used.setdefault(f"{kind}_flag", "0")
            late = self.note(f"{cond}.wait_for(lambda: {flag}, {self.time()})")
            closes += [f"while not {flag}:\n    {cond}.wait()", self.note(f"{cond}.wait_for(lambda: {flag})")]
            closes += [late, f"if not {late}:\n    return"]
            closes += [f"{flag} += 1\n{cond}.notify()", f"{flag} = 1\n{cond}.notify_all()", f"{flag} = 0"]
        close = self.rng.choice(closes)
        if self.noted:  # who came when, and who went on when: only so the order of the queue shows
            turn = f"{NEEDS.get(kind, kind)}_turn"
            self.used.setdefault(turn, "0")
            tick = f"w.{turn} += 1\nnote(w, w.{turn})"
            close = f"{tick}\n{close}\n{tick}"
        return Statement(f"with {cond}:", body, close)

    def on_sem(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        sem = self.use(kind)
        roll = self.rng.random()
        if roll < 0.3:
            return Statement(f"with {sem}:", body)
        if roll < 0.65:
            how = self.rng.choice(["False", f"timeout={self.time()}"])
            test = f"if {self.note(f'{sem}.acquire({how})')}:"
            return Statement(test, body, self.rng.choice([f"{sem}.release()", ""]))
        return self.one_of(f"{sem}.release()", f"{sem}.acquire()", *([f"{sem}.release(2)"] if kind == "sem" else []))

    def on_event(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        event = self.use(kind)
        late, is_set = self.note(f"{event}.wait({self.time()})"), self.note(f"{event}.is_set()")
        if body and self.rng.random() < 0.5:
            return Statement(f"if {self.rng.choice([late, is_set])}:", body)
        return self.one_of(
            f"{event}.set()", f"{event}.set()", f"{event}.wait()", f"{event}.wait()", f"{event}.clear()",
            f"if not {late}:\n    return", f"if {is_set}:\n    return",
        )  # fmt: skip

    def on_barrier(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        barrier = self.use(kind)
        if self.rng.random() < 0.4:
            lines = [f"{barrier}.abort()", f"{barrier}.reset()"]
            if not self.noted:  # CPython looks without an operation: nothing says when
                lines += [f"if {barrier}.n_waiting:\n    return", f"if {barrier}.broken:\n    return"]
            return self.one_of(*lines)
        wait = self.note(f"{barrier}.wait({self.rng.choice(['', '', self.time()])})")
        broken = self.rng.choice([self.note("-1"), "return"])
        after = f"except threading.BrokenBarrierError:\n    {broken}"
        return Statement("try:", (Statement(f"if {wait} == 0:", body),), "", None, after)

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
        return self.one_of(f"{count}.inc_not_zero()", f"{count}.dec_and_test()", f"{count}.read()")

    def on_done(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        done = self.use(kind)
        return self.one_of(*[f"{done}.wait()"] * 2, *[f"{done}.complete()"] * 2, f"{done}.complete_all()")

    def on_cell(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        cell = self.use(kind)
        if self.rng.random() < 0.4:
            is_there = f"{self.note(f'{cell}.load()')} == {self.rng.randint(0, 1)}"
            return Statement(f"if {is_there}:", body or (Statement("return"),))
        return self.one_of(
            f"{cell}.store(1)", f"{cell}.store(2)", f"{cell}.store({cell}.load() + 1)", self.note(f"{cell}.load()")
        )

    def on_thread(self, kind: str, body: tuple[Statement, ...]) -> Statement:
        self.threads += 1
        child = f"c{self.threads}"
        thread = f"thread{self.threads}"
        body = body or (self.statement(0, 3),)
        is_alive = self.note(f"{thread}.is_alive()")
        ends = ["", *[f"{thread}.join()"] * 2, f"{thread}.join({self.time()})", f"if {is_alive}:\n    return"]
        made = self.rng.choice([f"target={child}", f"target={child}", f'target={child}, name="worker"'])
        after = f"{thread} = threading.Thread({made})\n{thread}.start()\n{self.rng.choice(ends)}"
        return Statement(f"def {child}():", body, "", None, after)

    def mistake(self) -> Statement:
        kind = self.rng.choice(self.kinds)
        if kind in ("lock", "lock2", "rlock", "sem", "bounded"):
            lock = self.use(kind)
            handed = kind in ("lock", "lock2")  # anybody may release it
            return self.one_of(f"{lock}.acquire()", *([f"{lock}.release()"] if self.handed or not handed else []))
        if kind in ("mutex", "spin"):
            lock = self.use(kind)
            return self.one_of(f"{lock}.lock()", f"{lock}.unlock()")
        return self.one_of("raise ValueError('no')", "return")


LIKE = {
    "lock2": "lock", "rlock": "lock", "spin": "mutex", "cond_l": "cond", "cond_a": "cond", "cond_b": "cond",
    "bounded": "sem", "acting": "barrier", "reading": "rwsem", "cell2": "cell",
}  # fmt: skip
"""Kinds that are used like another."""


def program(seed: int, **options: Any) -> Program:
    """The program with number `seed`."""
    return Writer(seed, **options).program()
