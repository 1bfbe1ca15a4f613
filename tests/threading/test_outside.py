"""What belongs to no scenario: objects made outside, and the standard library's own module."""

from __future__ import annotations

import subprocess
import sys
import threading as real
from collections.abc import Callable
from typing import Any

import pytest

from kvmlab import Scenario, explore, run, threading
from kvmlab.errors import ForeignObject

MODULE = dict(vars(real))
MADE: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "Lock": (threading.Lock(), lambda it: it.acquire()),
    "RLock": (threading.RLock(), lambda it: it.__enter__()),
    "Semaphore": (threading.Semaphore(), lambda it: it.acquire(False)),
    "BoundedSemaphore": (threading.BoundedSemaphore(), lambda it: it.release()),
    "Event": (threading.Event(), lambda it: it.is_set()),
    "Barrier": (threading.Barrier(2), lambda it: it.wait()),
    "Thread": (threading.Thread(), lambda it: it.start()),
}
CONDITION = threading.Condition()
LOCAL = threading.local()


def use(kind: str) -> Callable[[Any], Any]:
    made, does = MADE[kind]

    def uses(w: Any) -> None:
        does(made)

    return uses


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize(
    "how", [lambda scenario: explore(scenario, "traces"), explore, run], ids=["traces", "any", "run"]
)
def test_a_task_that_uses_what_was_made_outside_is_told_both_lines(kind: str, how: Callable[[Scenario], Any]) -> None:
    (failure,) = how(Scenario(object, use(kind))).failures
    assert failure.message.startswith(
        f"uses raised ForeignObject: uses uses a {kind} from outside its world (made at <module>, test_outside.py line "
    )
    assert f'"{kind}": (threading.{kind}(' in failure.message
    assert "; used at <lambda>, test_outside.py line " in failure.message
    assert failure.message.endswith("make it in the world's __init__ and use it through the task's argument.")


@pytest.mark.parametrize("does", [CONDITION.wait, CONDITION.notify_all, CONDITION.__enter__, CONDITION.acquire])
def test_so_it_is_for_a_condition_and_its_lock(does: Callable[[], Any]) -> None:
    (failure,) = explore(Scenario(object, lambda w: does()), "traces").failures
    assert isinstance(failure.error, ForeignObject)
    assert "CONDITION = threading.Condition()" in failure.message


def test_so_it_is_for_a_local() -> None:
    def uses(w: Any) -> None:
        LOCAL.x = 1

    (failure,) = explore(Scenario(object, uses), "traces").failures
    assert isinstance(failure.error, ForeignObject)
    assert "LOCAL = threading.local()" in failure.message
    assert "LOCAL.x = 1" in failure.message


@pytest.mark.parametrize("kind", MADE)
def test_a_world_cannot_be_made_with_what_was_made_outside(kind: str) -> None:
    made, does = MADE[kind]
    with pytest.raises(Exception, match=rf"world uses a {kind} from outside its world|a thread was started while"):
        explore(Scenario(lambda: does(made), lambda w: None))


def test_what_an_earlier_run_made_is_foreign() -> None:
    kept: list[threading.Lock] = []

    class World:
        def __init__(self) -> None:
            self.lock = threading.Lock()

    def keeps(w: World) -> None:
        kept.append(w.lock)
        with kept[0]:
            pass

    run(Scenario(World, keeps))
    (failure,) = run(Scenario(World, keeps)).failures
    assert (
        "uses a Lock from outside its world (of another run, made at __init__, test_outside.py line" in failure.message
    )


def test_the_standard_librarys_module_is_as_it_was() -> None:
    """Jupyter's own threads live there."""

    class World:
        def __init__(self) -> None:
            self.lock = threading.Lock()
            self.cond = threading.Condition()

    def parent(w: World) -> None:
        child = threading.Thread(target=w.lock.acquire)
        child.start()
        with w.cond:
            w.cond.wait(1)

    before = dict(vars(real))
    for _ in range(2):
        explore(Scenario(World, parent))
        run(Scenario(World, parent))
    assert dict(vars(real)) == before == MODULE
    assert real.Lock is not threading.Lock


def test_importing_kvmlab_changes_nothing_there() -> None:
    program = (
        "import threading; before = dict(vars(threading)); count = threading.active_count()\n"
        "import kvmlab; from kvmlab import threading as ours\n"
        "assert dict(vars(threading)) == before and threading.active_count() == count\n"
        "assert ours is not threading\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_real_thread_may_use_the_twins_while_a_scenario_is_explored() -> None:
    """It is no task: its own objects are the standard library's."""
    lock, stop, counted = threading.Lock(), real.Event(), []

    def counts() -> None:
        while not stop.is_set():
            with lock, threading.Lock():
                counted.append(threading.current_thread().name)

    thread = real.Thread(target=counts, name="bystander")
    thread.start()
    try:
        found = explore(Scenario(lambda: [threading.Lock(), threading.Lock()], one, other))
        while not counted:
            pass
    finally:
        stop.set()
        thread.join()
    assert found.verdict == "deadlock"
    assert set(counted) == {"bystander"}


def one(w: list[threading.Lock]) -> None:
    with w[0], w[1]:
        pass


def other(w: list[threading.Lock]) -> None:
    with w[1], w[0]:
        pass


@pytest.mark.parametrize("name", ["ThreadError", "BrokenBarrierError", "TIMEOUT_MAX"])
def test_what_has_no_schedule_is_the_standard_librarys(name: str) -> None:
    assert getattr(threading, name) is getattr(real, name)


def test_a_name_that_cannot_be_explored_says_so() -> None:
    with pytest.raises(
        AttributeError, match=r"kvmlab.threading has no Timer: it cannot be explored. A Timer is a Thread"
    ):
        threading.Timer  # noqa: B018
    with pytest.raises(AttributeError, match=r"module 'kvmlab.threading' has no attribute 'nonsense'"):
        threading.nonsense  # noqa: B018


def test_everything_that_it_promises_is_there() -> None:
    assert all(hasattr(threading, name) for name in threading.__all__)
    assert set(threading.__all__) <= set(real.__all__)


def test_everything_that_the_standard_librarys_objects_promise_is_there() -> None:
    """Also the old names; without those of a lock that were never documented."""
    undocumented = {"acquire_lock", "release_lock", "locked_lock"}
    for kind in (*MADE, "Condition"):
        arguments = (2,) if kind == "Barrier" else ()
        standard, twin = (getattr(names, kind)(*arguments) for names in (real, threading))
        promised = {name for name in dir(standard) if name[0] != "_"} - undocumented
        assert {name for name in promised if not hasattr(twin, name)} == set(), kind
    assert threading.currentThread is threading.current_thread
    assert threading.activeCount is threading.active_count
