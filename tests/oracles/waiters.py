"""Two tasks wait for one notify: a program that fails only where notify may wake whoever came later."""

from __future__ import annotations

from kvmlab import Scenario, Shared, threading


class Queue:
    def __init__(self) -> None:
        self.changed = threading.Condition(threading.Lock())
        self.came = Shared(0)


def waits(w: Queue) -> None:
    with w.changed:
        turn = w.came.load()
        w.came.store(turn + 1)
        w.changed.wait()
        assert turn == 0, "who came later was woken"


def notifies(w: Queue) -> None:
    with w.changed:
        if w.came.load() == 2:
            w.changed.notify()


WAITERS = Scenario(Queue, waits, waits, notifies)
