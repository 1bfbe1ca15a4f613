"""`Thread`: a task that another task starts.

Inside a scenario a thread is a task of the same run. It is called after the task that started it and its ``name``, or
how many that one had started before: ``producer/worker``, ``producer/1``. So every schedule gives it the same name,
also when two tasks start a thread of one name. Where the scenario has one task only, its threads' names stand alone.
"""

from __future__ import annotations

import hashlib
import threading as real
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kvmlab.location import caller
from kvmlab.operation import Fault, Operation, Task
from kvmlab.threading.twin import Twin, check_timeout
from kvmlab.world import SETUP, Actor, Home, here

NEW, STARTED, ENDED = "new", "started", "ended"


def start(state: str, task: Task) -> tuple[str, Any]:
    """It runs; an error unless it is new."""
    if state != NEW:
        return state, Fault(RuntimeError, "threads can only be started once")
    return STARTED, None


def end(state: str, task: Task) -> tuple[str, None]:
    """It has ended."""
    return ENDED, None


def has_ended(state: str, task: Task, name: Task) -> bool:
    """It has ended, or never started (which is an error)."""
    return state != STARTED


def has_not_ended(state: str, task: Task, name: Task) -> bool:
    """It runs."""
    return state == STARTED


def join(state: str, task: Task, name: Task) -> tuple[str, Any]:
    """Nothing changes; an error if it was never started. Result: True; False if the time was up first."""
    if state == NEW:
        return state, Fault(RuntimeError, "cannot join thread before it is started")
    return state, state == ENDED


def look(state: str, task: Task) -> tuple[str, bool]:
    """Result: does it run?"""
    return state, state == STARTED


def itself(state: str, task: Task, name: Task) -> tuple[Task, ...]:
    """Whom a joiner waits for: the thread."""
    return (name,)


def runs(state: str, task: Task, name: Task) -> str:
    """Why a joiner waits."""
    return f"{name} has not ended"


START = Operation("start", start, effect_text="always: the thread runs; an error unless it is new")
END = Operation("end", end, effect_text="always: the thread has ended")
JOIN = Operation(
    "join", join, has_ended, itself, runs, reads=lambda result: True,
    effect_text="when the thread has ended: go on; an error if it was never started",
)  # fmt: skip
JOIN_TIMED = Operation(
    "join (timeout)", join, has_ended, itself, runs, reads=lambda result: True, expires=has_not_ended,
    assumes="timeout",
    effect_text="when the thread has ended: go on; or, at any moment before",
)  # fmt: skip
JOIN_NOW = Operation(
    "join (timeout 0)", join, reads=lambda result: True,
    effect_text="always: go on; an error if it was never started",
)  # fmt: skip
IS_ALIVE = Operation("is_alive", look, reads=lambda result: True, effect_text="always: result whether it runs")


class Thread(Twin):
    """`threading.Thread`. Value: ``new``, ``started`` or ``ended``."""

    operations = (START, END, JOIN, JOIN_TIMED, JOIN_NOW, IS_ALIVE)
    home: Home | None = None
    _initialized = False

    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        daemon: bool | None = None,
    ) -> None:
        assert group is None, "group argument must be None for now"
        super().__init__(NEW)
        self._target, self._args, self._kwargs = target, tuple(args), dict(kwargs or {})
        self._given_name = None if name is None else str(name)
        self._task: str | None = None
        self._daemon = bool(daemon)
        if self.home is None:
            self._real = _Real(self, name, daemon)
        self._initialized = True

    def _outside(self) -> bool:
        assert self._initialized, "Thread.__init__() not called"
        return super()._outside()

    def run(self) -> None:
        """As `threading.Thread.run`."""
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    def start(self) -> None:
        """As `threading.Thread.start`: inside a scenario, start another task."""
        if not self._initialized:
            raise RuntimeError("thread.__init__() not called")
        if self._outside():
            self._real.start()
            return
        actor = here.actor
        assert actor is not None
        self._do(START)
        self._task = actor.runtime.spawn(self._name_for(actor), self._run_as_task)

    def _name_for(self, starter: Actor) -> str:
        """What to call the task, by who started it and as how-manieth."""
        number = _count_started(starter)
        if self._given_name and _tasks_of(starter) == (starter.name,):
            return self._given_name
        return f"{starter.name}/{self._given_name or number}"

    def _run_as_task(self) -> None:
        _home_of(here.actor).threads[here.actor.name] = self  # type: ignore[union-attr]
        self.run()
        self._do(END)

    def join(self, timeout: float | None = None) -> None:
        """As `threading.Thread.join`."""
        if not self._initialized:
            raise RuntimeError("Thread.__init__() not called")
        if self._outside():
            self._real.join(timeout)
            return
        if here.actor is not None and self._task == here.actor.name:
            raise RuntimeError("cannot join current thread")
        if timeout is not None:
            check_timeout(True, max(timeout, 0))
        self._do(JOIN if timeout is None else JOIN_TIMED if timeout > 0 else JOIN_NOW, self._task or self.label)

    def is_alive(self) -> bool:
        """As `threading.Thread.is_alive`."""
        return bool(self._real.is_alive() if self._outside() else self._do(IS_ALIVE))

    @property
    def name(self) -> str:
        """As given; inside a scenario, without one, the name of its task."""
        return str(self._real.name) if self._outside() else (self._given_name or self._task or self.label)

    @name.setter
    def name(self, name: str) -> None:
        if self._outside():
            self._real.name = name
        self._given_name = str(name)

    @property
    def daemon(self) -> bool:
        """As given. Inside a scenario it changes nothing: a thread that waits for ever waits for ever."""
        return bool(self._real.daemon) if self._outside() else self._daemon

    @daemon.setter
    def daemon(self, daemon: bool) -> None:
        if not self._initialized:
            raise RuntimeError("Thread.__init__() not called")
        if self._outside():
            self._real.daemon = daemon
        elif self._task is not None:
            raise RuntimeError("cannot set daemon status of active thread")
        self._daemon = bool(daemon)

    @property
    def ident(self) -> int | None:
        """A number of its own once it has started; inside a scenario the same one in every run."""
        if self._outside():
            return None if self._real.ident is None else int(self._real.ident)
        return None if self._task is None else _number(self._task)

    @property
    def native_id(self) -> int | None:
        """As `threading.Thread.native_id`; inside a scenario the same as `ident`."""
        return self._real.native_id if self._outside() else self.ident

    def getName(self) -> str:  # noqa: N802
        """The old way to read `name`."""
        return self.name

    def setName(self, name: str) -> None:  # noqa: N802
        """The old way to set `name`."""
        self.name = name

    def isDaemon(self) -> bool:  # noqa: N802
        """The old way to read `daemon`."""
        return self.daemon

    def setDaemon(self, daemonic: bool) -> None:  # noqa: N802
        """The old way to set `daemon`."""
        self.daemon = daemonic

    def __repr__(self) -> str:
        assert self._initialized, "Thread.__init__() was not called"
        return super().__repr__()

    @classmethod
    def describe(cls, value: str) -> dict[str, Any]:
        """``{"state": "new", "started" or "ended"}``."""
        return {"state": value}


class _Real(real.Thread):
    """The standard library's thread that runs a twin made outside a scenario."""

    def __init__(self, twin: Thread, name: str | None, daemon: bool | None) -> None:
        super().__init__(name=name, daemon=daemon)
        self.twin = twin

    def run(self) -> None:
        self.twin.run()


class _Task(Thread):
    """The thread object of somebody whom no `Thread` started: a task of the scenario, or whoever made its world."""

    def __init__(self, name: str, home: Home) -> None:
        self.home, self.key, self.made_at = home, (name, -1), caller()
        self.value = self.initial = STARTED
        self._target, self._args, self._kwargs = None, (), {}
        self._given_name, self._task, self._daemon = None, name, False
        self._initialized = True
        home.members[self.key] = self

    def join(self, timeout: float | None = None) -> None:
        """Refuse: its end is no operation that somebody could wait for."""
        actor = here.actor
        if actor is not None and actor.name == self._task:
            raise RuntimeError("cannot join current thread")
        raise RuntimeError(f"cannot join {self._task}: no Thread started it; join a Thread that a task has started")

    def is_alive(self) -> bool:
        """As far as anybody can see."""
        return True

    @property
    def label(self) -> str:
        """The task's name."""
        return str(self._task)

    def __repr__(self) -> str:
        return f"<task {self.name}>"


def _number(task: str) -> int:
    return int.from_bytes(hashlib.blake2b(task.encode(), digest_size=6).digest(), "big") + 1


def _home_of(actor: Actor | None) -> Home:
    assert actor is not None
    assert actor.home is not None
    return actor.home


def _tasks_of(actor: Actor) -> tuple[str, ...]:
    """The tasks of the scenario, without the threads that they start; while a world is made, whoever makes it."""
    scenario = getattr(actor.runtime, "scenario", None)
    return (actor.name,) if scenario is None else scenario.task_names


def _thread_of(task: str, home: Home) -> Any:
    if task not in home.threads:
        home.threads[task] = _Task(task, home)
    return home.threads[task]


def _count_started(actor: Actor) -> int:
    actor.started += 1
    return actor.started


def current_thread() -> Any:
    """As `threading.current_thread`; inside a scenario the thread object of the task, named after it."""
    actor = here.actor
    return _twin_of(real.current_thread()) if actor is None else _thread_of(actor.name, _home_of(actor))


def main_thread() -> Any:
    """As `threading.main_thread`; inside a scenario its only task, or, where there are several, who made the world."""
    actor = here.actor
    if actor is None:
        return real.main_thread()
    tasks = _tasks_of(actor)
    return _thread_of(tasks[0] if len(tasks) == 1 else SETUP, _home_of(actor))


def _twin_of(thread: real.Thread) -> Any:
    return thread.twin if isinstance(thread, _Real) else thread


def get_ident() -> int:
    """As `threading.get_ident`; inside a scenario a number that is the same in every run."""
    actor = here.actor
    return real.get_ident() if actor is None else _number(actor.name)


def get_native_id() -> int:
    """As `threading.get_native_id`; inside a scenario the same as `get_ident`."""
    return real.get_native_id() if here.actor is None else get_ident()


def active_count() -> int:
    """As `threading.active_count`: how many `enumerate` gives."""
    return len(enumerate())


def enumerate() -> list[Any]:  # noqa: A001
    """As `threading.enumerate`; inside a scenario its tasks, and the threads that were started and have not ended.

    To look whether a thread runs is one operation for each thread. A task counts until the run is over.
    """
    actor = here.actor
    if actor is None:
        return [_twin_of(thread) for thread in real.enumerate()]
    home = _home_of(actor)
    tasks = [_thread_of(name, home) for name in _tasks_of(actor)]
    threads = [one for one in list(home.members.values()) if isinstance(one, Thread) and not isinstance(one, _Task)]
    return tasks + [thread for thread in threads if thread.is_alive()]
