"""Random small programs over the kernel's primitives, as source text that a person can read."""

from __future__ import annotations

import linecache
import random
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import kvmlab
from kvmlab.operation import free
from kvmlab.scenario import Scenario

MAKE = {
    "a": "Mutex()", "b": "Mutex()", "s": "SpinLock()", "p": "PercpuRwsem()", "q": "ReaderPreferringRwsem()",
    "u": "SRCU()", "r": "Refcount(1)", "d": "Completion()", "c": "Shared(0)",
}  # fmt: skip
SMALL = [(5, 5), (4, 4), (5, 3), (3, 2, 2), (4, 2, 1), (2, 2, 2), (3, 3, 1), (2, 2, 1, 1), (5, 1, 1)]
LARGE = [(5, 5, 3), (4, 4, 4), (3, 3, 3, 2), (7, 7), (5, 3, 2, 1)]
"""How many operations the tasks may do."""


@dataclass(frozen=True)
class Program:
    """A program by its source; `scenario` is what it makes."""

    name: str
    source: str

    @cached_property
    def scenario(self) -> Scenario:
        space: dict[str, Any] = {"__name__": "__main__", "free": free}
        exec("from kvmlab import *", space)
        filename = f"{self.name}.py"
        linecache.cache[filename] = (len(self.source), None, self.source.splitlines(True), filename)
        exec(compile(self.source, filename, "exec"), space)
        return Scenario(space["World"], *(space[name] for name in space if name.startswith("task")), name=self.name)

    def __str__(self) -> str:
        return f"\n{self.source}"


class Writer:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.favourites = self.rng.sample("aabbspqurdc", self.rng.randint(2, 3))

    def program(self, shapes: list[tuple[int, ...]]) -> str:
        shape = self.rng.choice(shapes)
        bodies = [self.block(budget, "    ") for budget in shape]
        used = [name for name in MAKE if any(re.search(rf"\bw\.{name}\b", line) for body in bodies for line in body)]
        lines = ["class World:", "    def __init__(self):"]
        lines += [f"        self.{name} = {MAKE[name]}" for name in used] or ["        pass"]
        for number, body in enumerate(bodies, 1):
            lines += ["", f"def task{number}(w):", *body]
        return "\n".join(lines) + "\n"

    def pick(self, among: str) -> str:
        liked = [name for name in among if name in self.favourites]
        return f"w.{self.rng.choice(liked or among)}"

    def block(self, budget: int, indent: str) -> list[str]:
        """Statements that do `budget` operations or fewer."""
        lines: list[str] = []
        left = budget
        while left > 0:
            cost, written = self.statement(left, indent)
            lines += written
            left -= cost
            if self.rng.random() < 0.1:
                break
        return lines or [f"{indent}pass"]

    def statement(self, left: int, indent: str) -> tuple[int, list[str]]:
        rng, more = self.rng, indent + "    "
        kinds = [self.cell, self.count, self.mistake]
        if left >= 2:
            kinds += [self.section] * 12 + [self.attempt] * 2 + [self.branch] * 2 + [self.grace, self.completion]
            kinds += [self.own_lock, self.swallow]
        kind = rng.choice(kinds)
        return kind(left, indent, more)

    def cell(self, left: int, indent: str, more: str) -> tuple[int, list[str]]:
        cell = self.pick("c")
        return 1, [
            f"{indent}{cell}.store({self.rng.randint(0, 2)})" if self.rng.random() < 0.7 else f"{indent}{cell}.load()"
        ]

    def count(self, left: int, indent: str, more: str) -> tuple[int, list[str]]:
        return 1, [f"{indent}{self.pick('r')}.{self.rng.choice(['inc', 'dec_and_test', 'read'])}()"]

    def mistake(self, left: int, indent: str, more: str) -> tuple[int, list[str]]:
        rng = self.rng
        if rng.random() < 0.8:
            return self.cell(left, indent, more)
        lock = self.pick("abs")
        return 1, [
            rng.choice(
                [
                    f"{indent}{lock}.lock()", f"{indent}{lock}.unlock()", f"{indent}raise ValueError('no')",
                    f"{indent}return", f"{indent}free({self.pick('acr')})", f"{indent}{self.pick('p')}.read_unlock()",
                    f"{indent}{self.pick('u')}.read_unlock({rng.randint(0, 2)})",
                ]
            )
        ]  # fmt: skip

    def section(self, left: int, indent: str, more: str) -> tuple[int, list[str]]:
        rng = self.rng
        name = self.pick("aabbspqu")
        kind = name[-1]
        if kind in "abs":
            inner = self.block(left - 2, more) if left > 2 else [f"{more}pass"]
            if rng.random() < 0.2:
                tail = [f"{indent}{name}.unlock()"] if rng.random() < 0.7 else []
                return left, [f"{indent}{name}.lock()", *(line[4:] for line in inner), *tail]
            return left, [f"{indent}with {name}:", *inner]
        if kind == "u":
            mode, cost = "read", 2
        else:
            mode, cost = rng.choice([("read", 3), ("write", 3)])
        inner = self.block(left - cost, more) if left > cost else [f"{more}pass"]
        if rng.random() < 0.1:
            inner.append(f"{more}return")
        return left, [f"{indent}with {name}.{mode}():", *inner]

    def attempt(self, left: int, indent: str, more: str) -> tuple[int, list[str]]:
        lock = self.pick("abpq")
        kind = "" if lock[-1] in "ab" else "read_"
        inner = self.block(left - 2, more) if left > 2 else []
        give_back = [f"{more}{lock}.{kind}unlock()"] if self.rng.random() < 0.9 else [f"{more}pass"]
        return left, [f"{indent}if {lock}.{kind}trylock():", *inner, *give_back]

    def branch(self, left: int, indent: str, more: str) -> tuple[int, list[str]]:
        rng = self.rng
        test = rng.choice(
            [f"{self.pick('c')}.load() == {rng.randint(0, 1)}", f"{self.pick('r')}.inc_not_zero()",
             f"{self.pick('r')}.dec_and_test()", f"{self.pick('r')}.read() == {rng.randint(0, 2)}"]
        )  # fmt: skip
        lines = [f"{indent}if {test}:", *self.block(left - 1, more)]
        if rng.random() < 0.3:
            lines.append(f"{more}return")
        if rng.random() < 0.4:
            lines += [f"{indent}else:", *self.block(left - 1, more)]
        return left, lines

    def grace(self, left: int, indent: str, more: str) -> tuple[int, list[str]]:
        return 2, [f"{indent}{self.pick('u')}.synchronize()"]

    def completion(self, left: int, indent: str, more: str) -> tuple[int, list[str]]:
        done = self.pick("d")
        return 1, [f"{indent}{done}.{self.rng.choice(['wait', 'complete', 'complete', 'complete_all'])}()"]

    def own_lock(self, left: int, indent: str, more: str) -> tuple[int, list[str]]:
        if self.rng.random() < 0.5:
            return self.completion(left, indent, more)
        inner = self.block(left - 2, more) if left > 2 else [f"{more}pass"]
        return left, [f"{indent}own = Mutex()", f"{indent}with own:", *inner]

    def swallow(self, left: int, indent: str, more: str) -> tuple[int, list[str]]:
        if self.rng.random() < 0.6:
            return self.section(left, indent, more)
        return left, [f"{indent}try:", *self.block(left, more), f"{indent}except LockError:", f"{more}pass"]


def program(seed: int) -> Program:
    """The small program with number `seed`: few enough schedules to run them all."""
    return Program(f"program{seed}", Writer(seed).program(SMALL))


def larger_program(seed: int) -> Program:
    """The larger program with number `seed`."""
    return Program(f"larger{seed}", Writer(seed).program(LARGE))


assert set(MAKE.values()) <= {f"{name}{rest}" for name in kvmlab.__all__ for rest in ("()", "(0)", "(1)")}
