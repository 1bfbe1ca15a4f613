"""A critical section as a ``with`` block."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, TypeVar

from kvmlab.errors import Unwound

Entered = TypeVar("Entered")


def is_unwound(kind: type[BaseException] | None) -> bool:
    """Whether a block that is left with an exception of this `kind` is being unwound; then it keeps what it holds."""
    return kind is not None and issubclass(kind, Unwound)


class Section(Generic[Entered]):
    """Calls `enter` at the top of the block and `leave`, with what `enter` returned, at its end.

    A task that is being unwound leaves nothing: its locks stay held, as those of a hung kernel task do.
    """

    __slots__ = ("_enter", "_entered", "_leave")

    def __init__(self, enter: Callable[[], Entered], leave: Callable[[Entered], Any]) -> None:
        self._enter = enter
        self._leave = leave

    def __enter__(self) -> Entered:
        self._entered = self._enter()
        return self._entered

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not is_unwound(kind):
            self._leave(self._entered)
