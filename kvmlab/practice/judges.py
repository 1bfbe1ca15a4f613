"""Judges for the answers that are no programs: a choice, a set of names, a schedule, lines in an order.

Each function here makes a judge (see `Task.judge`). The judge of a program is written by hand, with a `Bench`.
"""

from __future__ import annotations

import linecache
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kvmlab.errors import ScenarioError, shown, steady
from kvmlab.graph import state_graph
from kvmlab.practice.bench import Bench
from kvmlab.practice.task import Judge
from kvmlab.replay import numbers_of
from kvmlab.scenario import Scenario
from kvmlab.stepper import State, Stepper
from kvmlab.stepper.values import named as with_names
from kvmlab.stepper.walk import state_at, walk
from kvmlab.verdict import Schedule


def choice(choices: Sequence[str], right: str, *, reasons: Sequence[str] = (), because: str = "") -> Judge:
    """A prediction: one of `choices`, and (if there are `reasons`) one of those, too.

    The answers are short keys, such as ``"a"``; what they stand for is in the notebook.
    """

    def judge(bench: Bench, chosen: Any, reason: Any = None) -> None:
        if not _one_of(bench, chosen, choices, "answer") or (reasons and not _one_of(bench, reason, reasons, "reason")):
            return
        key, why = _key(chosen), _key(reason)
        if bench.expect(key == right, f"{key} {why if reasons else ''}", f"`{key}` is not what happens.") and reasons:
            bench.expect(why == because, f"{key} {why}", f"`{key}` is what happens, but `{why}` is not why.")
        bench.stop()

    return judge


def _key(value: Any) -> str:
    """A key as it may be written: a text, a number, or the function of that name."""
    return str(getattr(value, "__name__", value)).strip().lower().strip("().")


def _one_of(bench: Bench, value: Any, keys: Sequence[str], what: str) -> bool:
    asked = f"Give the key of one {what}: {', '.join(map(repr, keys))}. This is {shown(value)[:40]}."
    return bench.expect(_key(value) in keys, f"no {what}", asked)


def names(right: Iterable[Any], *, what: str, among: Iterable[Any] = ()) -> Judge:
    """A set of names or numbers: all that are `right`, and no other.

    Args:
        right: the names.
        what: what each of them is, such as ``task on the circle``.
        among: all names that may be given; a misspelt one is then told from a wrong one.
    """
    wanted, possible = set(right), set(among)
    meant = {_key(one): one for one in possible | wanted}

    def judge(bench: Bench, given: Any) -> None:
        try:
            listed = {meant.get(_key(one), one) for one in ([given] if isinstance(given, (str, int)) else given)}
        except TypeError:
            bench.expect(False, "no names", 'Give a set of names: {"one", "another"}.')
            return
        unknown = _listed(listed - possible) if possible else []
        said = f"There is no {' and no '.join(f'`{one}`' for one in unknown)} here."
        if not bench.expect(not unknown, "unknown", f"{said} Choose among {_choice(possible)}."):
            return
        extra, lacking = _listed(listed - wanted), _listed(wanted - listed)
        code = f"extra {', '.join(extra)}; lacking {', '.join(lacking)}"
        if extra:
            one = ", ".join(f"`{name}`" for name in extra)
            bench.expect(
                False, code, f"{one} is not a {what}." if len(extra) == 1 else f"None of these is a {what}: {one}."
            )
        elif lacking:
            count = "One is" if len(lacking) == 1 else f"{len(lacking)} are"
            right = "What you have is right. " if listed else ""
            bench.expect(False, code, f"{right}{count} missing.")

    return judge


def in_an_order(bench: Bench, given: Any, tasks: Sequence[Callable[..., object]]) -> list[str]:
    """The names of all `tasks` in the order `given`; where one is lacking or too many that ends the check."""
    known = sorted(task.__name__ for task in tasks)
    listed = [str(getattr(one, "__name__", one)) for one in given] if isinstance(given, (list, tuple)) else []
    code = "not all" if listed and set(listed) < set(known) else "no order"
    form = f"Give a list of all {len(known)} names, each once: {', '.join(f'`{name}`' for name in known)}."
    bench.expect(sorted(listed) == known, code, form)
    bench.stop()
    return listed


def _choice(values: set[Any]) -> str:
    """All of `values`; numbers without a gap by the first and the last."""
    if all(type(one) is int for one in values) and len(values) == max(values) - min(values) + 1:
        return f"{min(values)} to {max(values)}"
    return ", ".join(_listed(values))


def _listed(values: Iterable[Any]) -> list[str]:
    """Numbers by size, then names by the alphabet."""
    named = [one if type(one) is int else steady(str(getattr(one, "__name__", one))) for one in values]
    return [str(one) for one in sorted(named, key=lambda one: (0, one, "") if type(one) is int else (1, 0, str(one)))]


def reaches(scenario: Callable[[], Scenario], goal: Callable[[State], str | None]) -> Judge:
    """A schedule that comes to a state: a stepper that was moved there, a string such as ``"2-1-1"``, or a `Schedule`.

    Args:
        scenario: makes the program; the schedule is tried on this one, whatever the reader has done to theirs.
        goal: says in a sentence what is not so in a state yet; None when it is the one that is wanted.
    """

    def judge(bench: Bench, given: Any) -> None:
        way = given.schedule if isinstance(given, Stepper) else given.replay if isinstance(given, Schedule) else given
        graph = with_names(state_graph(scenario()), scenario())
        try:
            end = state_at(graph, walk(graph, numbers_of(way))[-1])
        except ScenarioError as error:
            bench.expect(False, "no schedule", f"{str(error)[:1].upper()}{str(error)[1:]}")
            return
        problem = goal(end)
        bench.expect(problem is None, f"elsewhere: {problem}", problem or "")
        bench.checked.append(f"your schedule, {len(numbers_of(way))} operations")

    return judge


def arranged(
    lines: Mapping[str, str], head: str, judge: Judge, *, given: Mapping[str, Any], all_first: bool = False
) -> Judge:
    """Given lines in an order: put together, they are judged as the program that they are, so any right order passes.

    Args:
        lines: the lines, indentation included, by key.
        head: the line before them, such as ``def walk(w):``.
        judge: judges the function that comes out.
        given: what the lines may use.
        all_first: an order that leaves out a line is no program yet, and is not judged as one.
    """

    def judged(bench: Bench, order: Any) -> None:
        listed = isinstance(order, (list, tuple, str))
        keys = [_key(key) for key in (_split(order, lines) if isinstance(order, str) else order)] if listed else []
        if not bench.expect(listed, "no order", f"Give the keys in order, such as {shown(list(lines)[:3])}."):
            return
        unknown = list(dict.fromkeys(key for key in keys if key not in lines))
        if not bench.expect(not unknown, "unknown", f"There is no line {', '.join(map(repr, unknown))}."):
            return
        twice = sorted({key for key in keys if keys.count(key) > 1})
        said = f"Each line is there once; {', '.join(map(repr, twice))} comes twice."
        if not bench.expect(not twice, f"twice {' '.join(twice)}", said):
            return
        left = [key for key in lines if key not in keys]
        left_out = f"left out {' '.join(left)}", f"Use each line. Left out: {', '.join(f'`{key}`' for key in left)}."
        if all_first and not bench.expect(not left, *left_out):
            return
        source = "\n".join([head, *(textwrap.indent(lines[key], "    ") for key in keys)]) + "\n"
        filename = "<your lines>"
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        namespace: dict[str, Any] = dict(given)
        try:
            exec(compile(source, filename, "exec"), namespace)
        except SyntaxError as error:
            at = (error.text or "").strip()
            bench.expect(False, f"syntax {' '.join(keys)}", f"In this order it is no Python: {error.msg}, at `{at}`.")
            return
        try:
            judge(bench, namespace[head.split("(")[0].removeprefix("def ").strip()])
        finally:
            bench.expect(not left, *left_out)

    return judged


def _split(text: str, lines: Mapping[str, str]) -> list[str]:
    """The keys in a text: between blanks or commas, or each letter one key."""
    parts = text.replace(",", " ").split()
    return list(text) if len(parts) == 1 and parts[0] not in lines else parts
