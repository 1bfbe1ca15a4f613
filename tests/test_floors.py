"""The floors of the house: nothing imports upward, neither at the top of a file nor inside a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import kvmlab

PACKAGE = Path(kvmlab.__file__).parent

FLOORS = (
    {"circles", "location", "notebook", "second_person"},
    {"contents", "errors", "instead", "printing", "progress", "verdict", "watchdog", "world"},
    {"operation", "task", "scenario", "plain"},
    {"controlled", "diagnosis", "live", "replay"},
    {"primitives", "threading"},
    {"kvm"},
    {"behaviours", "events", "explore", "graph", "races", "states", "traces"},
    {"lockdep"},
    {"draw"},
    {"stepper"},
    {"practice"},
    {"cli"},
    {"", "__main__"},
)
"""The rooms of each floor, from the ground up: modules and folders, by name; "" is the package itself."""

ROOMS = [room for here in FLOORS for room in here]


def rooms() -> Iterator[tuple[str, Path]]:
    """Every file of the package but the answers of readers, with the room that it belongs to."""
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        if inside.parts[:2] != ("practice", "answers"):
            yield inside.with_suffix("").parts[0].removesuffix("__init__"), path


def imported(node: ast.AST) -> Iterator[str]:
    """The rooms that `node` imports from when it runs, which what is only for type checkers does not."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("kvmlab."))
    elif isinstance(node, ast.ImportFrom) and node.module == "kvmlab":
        yield from (alias.name if alias.name in ROOMS else "" for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kvmlab."):
        yield str(node.module).split(".")[1]
    for child in ast.iter_child_nodes(node):
        yield from imported(child)


def floor(room: str) -> int:
    """The number of the floor that `room` is on."""
    return next(number for number, here in enumerate(FLOORS) if room in here)


def test_every_room_is_on_one_floor() -> None:
    """A new module needs a floor: the lowest one that is above all that it imports."""
    assert sorted(ROOMS) == sorted({room for room, _ in rooms()})


def test_nothing_imports_upward() -> None:
    upward = [
        f"{path.relative_to(PACKAGE.parent)} imports kvmlab.{other}"
        for room, path in rooms()
        for other in imported(ast.parse(path.read_text(encoding="utf-8")))
        if floor(other) > floor(room)
    ]
    assert upward == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from kvmlab.races import Access", ["races"]),
        ("from kvmlab import draw, threading", ["draw", "threading"]),
        ("from kvmlab import Mutex", [""]),
        ("import kvmlab.practice.tasks as home", ["practice"]),
        ("def late():\n    from kvmlab.explore import explore", ["explore"]),
        ("if TYPE_CHECKING:\n    from kvmlab.races import Access", []),
        ("import threading\nfrom threading import Lock", []),
    ],
)
def test_what_a_file_imports(source: str, found: list[str]) -> None:
    assert list(imported(ast.parse(source))) == found
