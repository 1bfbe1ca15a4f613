"""`local`: attributes of which every task has its own."""

from __future__ import annotations

import threading as real
from typing import Any, NamedTuple

from kvmlab.errors import ForeignObject
from kvmlab.location import Location, caller
from kvmlab.world import Home, here


class _Made(NamedTuple):
    """How a `local` was made, and by owner its attributes. See `_MADE`."""

    home: Home | None
    at: Location
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    spaces: Any

    @property
    def table(self) -> dict[str, dict[str, Any]]:
        """By owner, the attributes; of this thread only, when it was made outside a scenario."""
        return vars(self.spaces) if isinstance(self.spaces, real.local) else self.spaces


class local:  # noqa: N801
    """`threading.local`: inside a scenario every task, outside it every thread has attributes of its own.

    A subclass may have an ``__init__``; it is called, with the same arguments, for every task that uses the object.
    """

    __slots__ = ("_kvmlab", "_kvmlab_arguments")

    _kvmlab: _Made
    _kvmlab_arguments: tuple[object, ...]

    def __new__(cls, /, *args: Any, **kwargs: Any) -> local:
        """Make one; the arguments are for the ``__init__`` of a subclass."""
        if (args or kwargs) and cls.__init__ is object.__init__:
            raise TypeError("Initialization arguments are not supported")
        self, actor = object.__new__(cls), here.actor
        made = _Made(actor.home if actor else None, caller(), args, kwargs, {} if actor else real.local())
        made.table[_owner()] = {}
        _MADE.__set__(self, made)
        if args or kwargs:  # every task's __init__ is given the same objects: they are shared
            object.__setattr__(self, "_kvmlab_arguments", (args, kwargs))
        return self

    def __getattribute__(self, name: str) -> Any:
        if name == "__dict__":
            return _space(self)
        if name.startswith("__"):
            return object.__getattribute__(self, name)
        space = _space(self)
        if name in space and not hasattr(getattr(type(self), name, None), "__set__"):
            return space[name]
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _refuse_dict(self, name)
        if hasattr(getattr(type(self), name, None), "__set__"):
            object.__setattr__(self, name, value)
        else:
            _space(self)[name] = value

    def __delattr__(self, name: str) -> None:
        _refuse_dict(self, name)
        space = _space(self)
        if name not in space:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        del space[name]


_MADE: Any = vars(local)["_kvmlab"]
"""The slot of the `_Made`, and the only way to it: who looks for what tasks share does not see what each has alone."""

del local._kvmlab  # type: ignore[misc]


def _refuse_dict(thing: local, name: str) -> None:
    if name == "__dict__":
        raise AttributeError(f"{type(thing).__name__!r} object attribute '__dict__' is read-only")


def _owner() -> str:
    """Whose attributes are meant: the task's that runs this line; outside a scenario there is one owner a thread."""
    return here.actor.name if here.actor else ""


def _space(thing: local) -> dict[str, Any]:
    """The attributes that `thing` has here.

    Raises:
        ForeignObject: a task uses an object that was made outside its world.
    """
    actor, owner = here.actor, _owner()
    made: _Made = _MADE.__get__(thing)
    if actor is not None and actor.home is not made.home:
        raise ForeignObject(
            f"{actor.name} uses a threading.local from outside its world (made at {made.at}; used at {caller()}): its "
            "attributes would outlive the run. Make it in the world's __init__ and use it through the task's argument."
        )
    if actor is None and made.home is not None:
        return {}  # of a run, looked at by nobody in it
    if owner not in made.table:
        made.table[owner] = {}
        if type(thing).__init__ is not object.__init__:
            type(thing).__init__(thing, *made.args, **made.kwargs)
    return made.table[owner]
