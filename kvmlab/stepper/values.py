"""A lock's value in a reader's words: its parts, and who holds it in which role.

The words are those of `Resource.describe`; a primitive that is not known here is shown part by part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kvmlab.draw.words import roles_in
from kvmlab.errors import shown
from kvmlab.graph import StateGraph
from kvmlab.scenario import Scenario
from kvmlab.world import Key, Ref

Item = int | str | list[int | str]
"""A task by its number, a text, or a task with a text behind it: ``[3, "(read)"]``."""


def named(graph: StateGraph, scenario: Scenario) -> StateGraph:
    """`graph` with the names of the world's objects where a value (of a `Shared`, say) has only their keys."""
    names: dict[Key, str] = {}

    def name(value: Any) -> Any:
        if isinstance(value, Ref):
            if not names:
                names.update(scenario.fresh()[1].names)
            maker, turn = value
            return names.get((maker, turn), f"object {turn + 1} of {maker}")
        if isinstance(value, dict):
            return {key: name(each) for key, each in value.items()}
        if type(value) in (list, tuple, frozenset):
            return type(value)(name(each) for each in value)
        return value

    meanings = tuple(tuple(name(meaning) for meaning in of_lock) for of_lock in graph.meanings)
    return replace(graph, meanings=meanings)


def parts(tasks: Sequence[str], meaning: Mapping[str, Any]) -> list[list[Any]]:
    """What stands in a lock: pairs of a word and its items, one or more."""
    return _parts(tasks, meaning) or [["free" if {"owner", "writer"} & meaning.keys() else "empty", []]]


def _parts(tasks: Sequence[str], meaning: Mapping[str, Any]) -> list[list[Any]]:
    if meaning.get("freed") is True:
        return [["freed", []]]
    found: list[list[Any]] = []
    rest = dict(meaning)
    if "sides" in rest:
        current = rest.pop("current", 0)
        for side, readers in enumerate(rest.pop("sides")):
            found.append([f"side {side}" + (", new readers" if side == current else ""), _items(tasks, readers)])
        rest["grace period"] = rest.pop("synchronizer", None)
    if "writer" in rest:
        found += _full("readers", _items(tasks, rest.pop("readers", ())))
        word = "waiting writer" if rest.pop("waiting", False) is True else "writer"
        found += _full(word, _items(tasks, rest.pop("writer")))
    if rest.get("depth") in (0, 1):
        rest.pop("depth")
    for key, value in rest.items():
        found += _full(key.replace("_", " "), _items(tasks, value))
    return found


def holds(tasks: Sequence[str], meaning: Mapping[str, Any]) -> list[list[Any]]:
    """Who is what to a lock: pairs of a role, see `roles_in`, and a task's number."""
    return [[role, tasks.index(name)] for role, name in roles_in(meaning) if name in tasks]


def _full(word: str, items: list[Item]) -> list[list[Any]]:
    return [[word, items]] if items else []


def _items(tasks: Sequence[str], value: Any) -> list[Item]:
    if value is None:
        return []
    if type(value) in (list, tuple):
        return [item for each in value for item in _items(tasks, each)]
    if isinstance(value, str):
        if value in tasks:
            return [tasks.index(value)]
        name, bracket, note = value.rpartition(" (")
        if bracket and name in tasks:
            return [[tasks.index(name), "(" + note]]
    return [_text(value)]


def _text(value: Any) -> str:
    """`value` as a text that is the same in every run."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(map(_text, value))) + "}"
    if type(value) is tuple:
        return "(" + ", ".join(map(_text, value)) + ")"
    return value if isinstance(value, str) else shown(value)


def in_words(tasks: Sequence[str], meaning: Mapping[str, Any]) -> str:
    """A value in one line: ``owner vcpu_run``, ``free``."""
    told = ((word, ", ".join(_said(item, tasks) for item in items)) for word, items in parts(tasks, meaning))
    return "; ".join(f"{word} {said}".strip() for word, said in told)


def _said(item: Item, tasks: Sequence[str]) -> str:
    if isinstance(item, list):
        return " ".join(_said(each, tasks) for each in item)
    return tasks[item] if isinstance(item, int) else item
