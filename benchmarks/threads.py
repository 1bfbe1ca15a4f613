"""The same search with every task on a thread of the operating system: what greenlets save."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from benchmarks.exploring import size, times, verdict
from benchmarks.measure import measure_each
from benchmarks.registry import Effort, Row, benchmark
from benchmarks.scenarios import written_circle
from kvmlab import Scenario, explore, traces
from kvmlab.controlled import Controlled, Fiber
from kvmlab.errors import Unwound
from kvmlab.location import caller
from kvmlab.operation import Operation, Resource, admit, settle
from kvmlab.task import TaskRun
from kvmlab.verdict import Exploration
from kvmlab.world import Actor, Home, here


class ThreadFiber(Fiber):
    """A task on a thread of its own. It and whoever drives the run hand each other a baton: one lock for each way."""

    __slots__ = ("answer", "back", "go", "thread")

    def __init__(self, name: str, runtime: Controlled, home: Home, body: Callable[[], object]) -> None:
        TaskRun.__init__(self, name, runtime, home)
        self.ended = None
        self.answer: Any = None
        self.go, self.back = threading.Lock(), threading.Lock()
        self.go.acquire()
        self.back.acquire()
        self.thread = threading.Thread(target=self._run, args=(body,), daemon=True)

    def _run(self, body: Callable[[], object]) -> None:
        here.actor = self
        self._main(body)
        self.back.release()

    def take_baton(self) -> None:
        """Called by whoever drives the run: let the task go on until it stands still again or has ended."""
        if self.thread.ident is None:
            self.thread.start()
        else:
            self.go.release()
        self.back.acquire()

    def give_baton(self) -> None:
        """Called by the task: stand still."""
        self.back.release()
        self.go.acquire()


class OnThreads(Controlled):
    """A `Controlled` run whose tasks are threads."""

    def _add(self, name: str, body: Callable[[], object]) -> Fiber:
        fiber = ThreadFiber(name, self, self.home, body)
        self._by_name[name] = fiber
        self.fibers.append(fiber)
        return fiber

    def perform(self, actor: Actor, resource: Resource, operation: Operation, args: tuple[Any, ...]) -> Any:
        """As `Controlled.perform`."""
        fiber = actor
        assert isinstance(fiber, ThreadFiber)
        if fiber.unwinding:
            raise Unwound
        admit(fiber, resource, operation)
        fiber.resource, fiber.operation, fiber.args = resource, operation, args
        fiber.location = caller(sys._getframe(2))
        fiber.give_baton()
        if fiber.unwinding:
            raise Unwound
        return settle(fiber, resource, operation, fiber.answer)

    def resume(self, fiber: Fiber, result: Any) -> Fiber:
        """As `Controlled.resume`."""
        assert isinstance(fiber, ThreadFiber)
        Controlled.steps += 1
        fiber.answer = result
        fiber.take_baton()
        while self._unborn:
            self.resume(self._unborn.pop(0), None)
        return fiber

    def close(self) -> None:
        """As `Controlled.close`."""
        for fiber in self.fibers:
            assert isinstance(fiber, ThreadFiber)
            if fiber.thread.ident is not None and fiber.ended is None:
                fiber.unwinding = True
                fiber.take_baton()


def explore_on_threads(scenario: Scenario) -> Exploration:
    """`explore` by traces with every task on a thread."""
    with patch.object(traces, "Controlled", OnThreads):
        return explore(scenario, by="traces")


@benchmark("kvm5-threads")
def compare_with_threads(effort: Effort) -> Iterator[Row]:
    """Every schedule of kvm5, broken and fixed; on greenlets, then on threads; they must say the same."""
    vcpus, repeats = effort.pick(tiny=(0, 1), quick=(1, 2), full=(1, 5))
    for fixed in (False, True):
        make = partial(written_circle, vcpus, fixed=fixed)
        found: dict[str, Exploration] = {}

        def on_greenlets(make: Callable[[], Scenario] = make, found: dict[str, Exploration] = found) -> None:
            found["greenlets"] = explore(make(), by="traces")

        def on_threads(make: Callable[[], Scenario] = make, found: dict[str, Exploration] = found) -> None:
            found["threads"] = explore_on_threads(make())

        timings = measure_each([on_greenlets, on_threads], repeats, warm_up=False)
        assert found["greenlets"] == found["threads"], f"{make().name}: greenlets and threads differ"
        rows = [
            Row(f"{make().name}, on {where}", timing, size=size(found[where]), verdict=verdict(found[where]))
            for where, timing in zip(("greenlets", "threads"), timings, strict=True)
        ]
        yield rows[0]
        yield replace(rows[1], note=f"{times(rows[1], rows[0])} the row before")
