"""`Event`: a flag to wait for.

Models: the standard library's `threading`, CPython 3.11 to 3.13: ``set`` lets go everybody who waits then, even when
``clear`` follows before they run.
"""

from __future__ import annotations

import threading as real
from typing import Any, NamedTuple

from kvmlab.operation import Operation, Task
from kvmlab.threading.twin import Twin


class EventState(NamedTuple):
    """Value of an event: the flag, and who waits for it."""

    flag: bool = False
    waiting: tuple[Task, ...] = ()


def look_or_queue(event: EventState, task: Task) -> tuple[EventState, bool]:
    """Result: the flag. If it is False the caller waits from now on."""
    if event.flag:
        return event, True
    return event._replace(waiting=(*event.waiting, task)), False


def let_go(event: EventState, task: Task) -> bool:
    """The flag was set since the caller began to wait."""
    return task not in event.waiting


def still_waiting(event: EventState, task: Task) -> bool:
    """The flag was not set since the caller began to wait."""
    return task in event.waiting


def go_on(event: EventState, task: Task) -> tuple[EventState, bool]:
    """Result: True; False, and no longer waiting, if the time was up first."""
    if let_go(event, task):
        return event, True
    return event._replace(waiting=tuple(other for other in event.waiting if other != task)), False


def raise_flag(event: EventState, task: Task) -> tuple[EventState, None]:
    """The flag is True and everybody who waits may go on."""
    return EventState(True, ()), None


def lower_flag(event: EventState, task: Task) -> tuple[EventState, None]:
    """The flag is False."""
    return event._replace(flag=False), None


def look(event: EventState, task: Task) -> tuple[EventState, bool]:
    """Result: the flag."""
    return event, event.flag


def not_set(event: EventState, task: Task) -> str:
    """Why a caller waits."""
    return "nobody has set it"


WAIT = Operation(
    "wait", look_or_queue, reads=lambda flag: flag is True,
    effect_text="always: result the flag; if it is False the caller waits from now on",
)  # fmt: skip
GO_ON = Operation(
    "wait (for set)", go_on, let_go, why=not_set, reads=lambda result: True,
    effect_text="when the flag was set since: go on",
)  # fmt: skip
GO_ON_TIMED = Operation(
    "wait (for set, timeout)", go_on, let_go, why=not_set, expires=still_waiting,
    assumes="timeout", reads=lambda result: result is True,
    effect_text="when the flag was set since: go on; or, at any moment before: result False",
)  # fmt: skip
GO_ON_NOW = Operation(
    "wait (for set, timeout 0)", go_on, reads=lambda result: result is True,
    effect_text="always: result whether the flag was set since; no longer waiting",
)  # fmt: skip
SET = Operation("set", raise_flag, effect_text="always: the flag is True, everybody who waits may go on")
CLEAR = Operation("clear", lower_flag, effect_text="always: the flag is False")
IS_SET = Operation("is_set", look, reads=lambda result: True, effect_text="always: result the flag")


class Event(Twin):
    """`threading.Event`. Value: an `EventState`."""

    operations = (WAIT, GO_ON, GO_ON_TIMED, GO_ON_NOW, SET, CLEAR, IS_SET)

    def __init__(self) -> None:
        super().__init__(EventState())
        if self.home is None:
            self._real = real.Event()

    def is_set(self) -> bool:
        """As `threading.Event.is_set`."""
        return bool(self._real.is_set() if self._outside() else self._do(IS_SET))

    def isSet(self) -> bool:  # noqa: N802
        """The old name of `is_set`."""
        return self.is_set()

    def set(self) -> None:
        """As `threading.Event.set`."""
        if self._outside():
            self._real.set()
        else:
            self._do(SET)

    def clear(self) -> None:
        """As `threading.Event.clear`."""
        if self._outside():
            self._real.clear()
        else:
            self._do(CLEAR)

    def wait(self, timeout: float | None = None) -> bool:
        """As `threading.Event.wait`."""
        if self._outside():
            return bool(self._real.wait(timeout))
        if self._do(WAIT):
            return True
        return bool(self._do(GO_ON if timeout is None else GO_ON_TIMED if timeout > 0 else GO_ON_NOW))

    @classmethod
    def describe(cls, value: EventState) -> dict[str, Any]:
        """``{"flag": bool, "waiting": [tasks]}``."""
        return {"flag": value.flag, "waiting": list(value.waiting)}
