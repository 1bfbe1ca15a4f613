"""Who walks past a waiting writer: seen whatever the lock is made of, and not seen where nobody does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from kvmlab import PercpuRwsem, ReaderPreferringRwsem, explore, threading
from kvmlab.controlled import observed
from kvmlab.practice.passing import PassingWatch
from kvmlab.practice.tasks.ch02 import change, visit
from kvmlab.practice.worlds import Room
from kvmlab.scenario import Scenario

Tasks = tuple[Callable[[Any], object], ...]
READERS: Tasks = (visit, visit, change)
WRITERS: Tasks = (visit, change, change)


class Turnstile:
    """A reader goes through the turnstile; a writer holds it while it waits."""

    def __init__(self) -> None:
        self.turnstile = threading.Semaphore(1)
        self.mutex = threading.Lock()
        self.empty = threading.Semaphore(1)
        self.readers = 0

    def read_lock(self) -> None:
        with self.turnstile, self.mutex:
            self.readers += 1
            if self.readers == 1:
                self.empty.acquire()

    def read_unlock(self) -> None:
        with self.mutex:
            self.readers -= 1
            if self.readers == 0:
                self.empty.release()

    def write_lock(self) -> None:
        self.turnstile.acquire()
        self.empty.acquire()

    def write_unlock(self) -> None:
        self.empty.release()
        self.turnstile.release()


class NoTurnstile(Turnstile):
    """The classic solution of 1971 that prefers readers."""

    def read_lock(self) -> None:
        with self.mutex:
            self.readers += 1
            if self.readers == 1:
                self.empty.acquire()

    def write_lock(self) -> None:
        self.empty.acquire()

    def write_unlock(self) -> None:
        self.empty.release()


class OneAtATime:
    """A mutex, which keeps no queue."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.read_lock = self.write_lock = self.mutex.acquire
        self.read_unlock = self.write_unlock = self.mutex.release


def watched(kind: Callable[[], Any], tasks: Tasks) -> PassingWatch:
    watch = PassingWatch("here", "change")
    with observed(watch):
        explore(Scenario(partial(Room, kind), *tasks), by="traces")
    return watch


@pytest.mark.parametrize("tasks", [READERS, WRITERS])
def test_nobody_passes_a_writer_who_stands_in_a_queue(tasks: Tasks) -> None:
    assert watched(PercpuRwsem, tasks).passed is None


def test_nobody_passes_the_writer_who_holds_the_turnstile() -> None:
    assert watched(Turnstile, READERS).passed is None


@pytest.mark.parametrize("kind", [NoTurnstile, ReaderPreferringRwsem])
def test_a_reader_passes_where_the_door_stays_open(kind: Callable[[], Any]) -> None:
    passed = watched(kind, READERS).passed
    assert passed is not None
    assert passed.writer == "change"
    assert passed.reader.startswith("visit")
    assert passed.way[-1] == passed.reader


@pytest.mark.parametrize("kind", [Turnstile, OneAtATime])
def test_a_reader_passes_the_second_writer_where_nobody_keeps_a_queue(kind: Callable[[], Any]) -> None:
    passed = watched(kind, WRITERS).passed
    assert passed is not None
    assert passed.reader == "visit"


@pytest.mark.parametrize(("kind", "borrowed"), [(PercpuRwsem, True), (Turnstile, False)])
def test_a_lock_of_ours_inside_is_noticed(kind: Callable[[], Any], borrowed: bool) -> None:
    assert watched(kind, READERS).borrowed is borrowed
