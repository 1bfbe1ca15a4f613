"""`local`: attributes of which every task has its own."""

from __future__ import annotations

import threading as real
from typing import Any

from kvmlab.errors import ForeignObject
from kvmlab.world import here


class local:  # noqa: N801
    """`threading.local`: inside a scenario every task, outside it every thread has attributes of its own."""

    def __init__(self) -> None:
        actor = here.actor
        object.__setattr__(self, "_home", actor.home if actor else None)
        object.__setattr__(self, "_spaces", {} if actor else real.local())

    def _space(self) -> dict[str, Any]:
        actor = here.actor
        spaces = object.__getattribute__(self, "_spaces")
        if actor is None:
            return vars(spaces) if isinstance(spaces, real.local) else spaces.setdefault("", {})
        if actor.home is not object.__getattribute__(self, "_home"):
            raise ForeignObject(
                f"{actor.name} uses a threading.local from outside its world: its attributes would outlive the run. "
                "Make it in the world's __init__."
            )
        space: dict[str, Any] = spaces.setdefault(actor.name, {})
        return space

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__") and name != "__dict__":
            return object.__getattribute__(self, name)
        space = object.__getattribute__(self, "_space")()
        if name == "__dict__":
            return space
        if name not in space:
            raise AttributeError(f"'local' object has no attribute {name!r}")
        return space[name]

    def __setattr__(self, name: str, value: Any) -> None:
        object.__getattribute__(self, "_space")()[name] = value

    def __delattr__(self, name: str) -> None:
        space = object.__getattribute__(self, "_space")()
        if name not in space:
            raise AttributeError(f"'local' object has no attribute {name!r}")
        del space[name]
