"""A block of code with a lock: left by its task it gives the lock back, left by the unwinding it does not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import pytest

from kvmlab import SRCU, Mutex, PercpuRwsem, Scenario, SpinLock, threading
from kvmlab.controlled import Controlled
from kvmlab.errors import Stuck, Unwound
from kvmlab.operation import Resource
from kvmlab.primitives.section import is_unwound


@pytest.mark.parametrize(
    ("kind", "unwound"),
    [(None, False), (ValueError, False), (KeyboardInterrupt, False), (Unwound, True), (Stuck, True)],
)
def test_only_unwinding_unwinds(kind: type[BaseException] | None, unwound: bool) -> None:
    assert is_unwound(kind) is unwound


BLOCKS: list[tuple[type[Resource], Callable[[Any], AbstractContextManager[object]]]] = [
    (Mutex, lambda lock: lock),
    (SpinLock, lambda lock: lock),
    (SRCU, lambda lock: lock.read()),
    (PercpuRwsem, lambda lock: lock.read()),
    (PercpuRwsem, lambda lock: lock.write()),
    (threading.Lock, lambda lock: lock),
    (threading.RLock, lambda lock: lock),
    (threading.Semaphore, lambda lock: lock),
]


@pytest.mark.parametrize(("kind", "block"), BLOCKS)
def test_a_block_that_is_unwound_keeps_what_it_has(
    kind: type[Resource], block: Callable[[Any], AbstractContextManager[object]]
) -> None:
    def world() -> SimpleNamespace:
        w = SimpleNamespace(lock=kind(), never=SpinLock())  # type: ignore[call-arg]
        w.never.lock()
        return w

    def stands_inside(w: Any) -> None:
        with block(w.lock):
            w.never.lock()

    with Controlled(Scenario(world, stands_inside)) as run:
        run.start_all()
        before = run.world.lock.value
        while run.can_move(run.fibers[0]):
            run.move(run.fibers[0])
        inside = run.world.lock.value
    assert before != inside
    assert run.world.lock.value == inside
