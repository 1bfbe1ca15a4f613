"""The words on the arrows: what a lock's value says of a task, and what an operation that waits is waiting for.

Nothing here decides anything; a lock or operation that is not listed gets plain words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kvmlab.operation import FREED, Resource


class Words(NamedTuple):
    """One thing in two lengths: the lines of a label, and what reads well in a table."""

    label: tuple[str, ...]
    phrase: str


HOLDS = {
    "owner": Words(("held by",), "is held by"),
    "reader": Words(("read-held by",), "is read-held by"),
    "writer": Words(("write-held by",), "is write-held by"),
    "pending": Words(("block flag", "set by"), "has its block flag set by"),
    "inside": Words(("has a reader", "inside"), "has a reader inside:"),
    "synchronizer": Words(("grace period", "run by"), "has its grace period run by"),
    "queued": Words(("queued first:",), "has queued first:"),
    "nobody": Words(("left to",), "is left to"),
    "unknown": Words(("is up to",), "is up to"),
}
"""By role of a task at a lock: what stands on the arrow from the lock to the task."""

NO_HOLD = {"pending", "queued", "nobody", "unknown"}
"""The roles of those who are waited for and do not hold the lock: their arrows are dotted."""

WAITS = {
    "lock": Words(("waits for",), "waits for"),
    "acquire": Words(("waits for",), "waits for"),
    "read_lock": Words(("waits to read",), "waits to read"),
    "write_lock": Words(("waits to write",), "waits to write"),
    "readers": Words(("waits until its", "readers leave"), "waits until the readers leave"),
    "synchronize_srcu": Words(("waits for its turn", "to synchronize"), "waits to synchronize"),
    "grace period": Words(("waits for a", "grace period"), "waits for a grace period of"),
    "wait_for_completion": Words(("waits for", "completion"), "waits for completion of"),
    "wait": Words(("waits on",), "waits on"),
    "wake": Words(("waits for", "a notify"), "waits for a notify on"),
    "reacquire": Words(("waits to have", "it again"), "waits to have again"),
    "join": Words(("waits for the", "end of"), "waits for the end of"),
}
"""By kind of wait: what stands on the arrow from the task to the lock."""


def wait_words(operation: str, role: str = "") -> Words:
    """The words for a task that waits in `operation`, when its role at that lock is `role`."""
    name = operation
    if operation == "write_lock (drain)" and role == "pending":
        name = "readers"
    elif operation == "synchronize_srcu (drain)":
        name = "grace period"
    name = call(operation) if name == operation else name
    return WAITS.get(name, Words(("waits in", operation), f"waits in {operation} of"))


def call(operation: str) -> str:
    """The call that `operation` is a part of: ``write_lock`` for ``write_lock (drain)``."""
    return operation.partition(" (")[0]


def roles_in(meaning: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What tasks are to a lock whose value has this `meaning` (see `Resource.describe`): (role, task), each once.

    Roles are keys of `HOLDS`. ``pending`` is a writer who waits for the readers to leave.
    """
    found: list[tuple[str, Any]] = [
        ("owner", [meaning.get("owner")]),
        ("reader", meaning.get("readers", ())),
        ("pending" if meaning.get("waiting") is True else "writer", [meaning.get("writer")]),
        *(("inside", side) for side in meaning.get("sides", ())),
        ("synchronizer", [meaning.get("synchronizer")]),
    ]
    return list(dict.fromkeys((role, task) for role, tasks in found for task in tasks if task))


def roles(resource: Resource, value: Any) -> list[tuple[str, str]]:
    """What tasks are to `resource` when its value is `value`; who holds it without any of these roles is an owner."""
    if value is FREED:
        return []
    named = roles_in(resource.describe(value))
    known = {task for _, task in named}
    named += [("owner", task) for task in resource.held_by(value) if task not in known]
    return list(dict.fromkeys(named))


def is_queued(resource: Resource, value: Any, task: str) -> bool:
    """Whether `task` stands in the queue of `resource` when its value is `value`."""
    queue = () if value is FREED else resource.describe(value).get("queue", ())
    return any(str(entry) == task or str(entry).startswith(f"{task} (") for entry in queue)
