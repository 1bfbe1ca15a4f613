"""Who has gone wrong and why nobody can move, read off a run."""

from __future__ import annotations

from kvmlab import SRCU, Completion, Mutex, PercpuRwsem, Scenario, SpinLock, explore, replay, run
from kvmlab.operation import Resource


class World:
    def __init__(self) -> None:
        self.a = Mutex()
        self.b = Mutex()
        self.spin = SpinLock()
        self.sem = PercpuRwsem()
        self.srcu = SRCU()
        self.done = Completion()


def section(w: World) -> None:
    with w.a:
        pass


def test_a_lock_that_is_held_at_the_end_is_named_with_the_line_that_took_it_last() -> None:
    def forgets(w: World) -> None:
        w.a.lock()
        w.a.unlock()
        w.a.lock()  # this one

    (failure,) = explore(Scenario(World, forgets)).failures
    assert failure.location is not None
    assert failure.location.text == "w.a.lock()  # this one"


def test_of_two_locks_that_are_held_at_the_end_the_first_made_is_named() -> None:
    def forgets(w: World) -> None:
        w.b.lock()
        w.a.lock()

    (failure,) = explore(Scenario(World, forgets)).failures
    assert (failure.lock, failure.kind) == ("a", "held")


def test_every_kind_of_lock_is_missed() -> None:
    forgetful = {
        "a": lambda w: w.a.lock(),
        "spin": lambda w: w.spin.lock(),
        "sem": lambda w: w.sem.read_trylock(),
        "srcu": lambda w: w.srcu.read_lock(),
    }
    for lock, task in forgetful.items():
        (failure,) = explore(Scenario(World, task)).failures
        assert (failure.kind, failure.lock) == ("held", lock)
        assert failure.location is not None
        assert f"w.{lock}." in failure.location.text


def test_a_lock_that_the_queue_handed_over_is_missed_too() -> None:
    """The reader was let in by the writer's unlock, and leaves without unlocking."""

    def forgets(w: World) -> None:
        w.sem.read_lock()

    def writes(w: World) -> None:
        with w.sem.write():
            pass

    failure = replay(Scenario(World, forgets, writes), "2-2-1-2-1").failures[0]
    assert failure.message == "forgets ended while it holds sem."
    assert failure.location is not None
    assert failure.location.text == "w.sem.read_lock()"


def test_an_error_while_a_lock_is_held_is_told_as_the_error() -> None:
    def raises(w: World) -> None:
        w.a.lock()
        raise ValueError("first")

    (failure,) = explore(Scenario(World, raises)).failures
    assert (failure.kind, failure.message, failure.lock) == ("raised", "raises raised ValueError: first", None)


def test_an_error_without_a_text_is_told_without_a_colon() -> None:
    def raises(w: World) -> None:
        raise StopIteration

    assert explore(Scenario(World, raises)).failures[0].message == "raises raised StopIteration"


def test_a_failed_assertion_is_told_at_its_line() -> None:
    def asserts(w: World) -> None:
        with w.a:
            assert w.a is w.b, "two locks"

    (failure,) = explore(Scenario(World, asserts, section)).failures
    assert failure.message.startswith("asserts raised AssertionError: two locks")
    assert failure.location is not None
    assert failure.location.text == 'assert w.a is w.b, "two locks"'


def test_the_lock_of_a_failure_is_the_one_the_error_is_about_and_not_the_last_one_used() -> None:
    def sleeps(w: World) -> None:
        with w.spin:
            w.sem.read_lock()

    def thief(w: World) -> None:
        w.b.unlock()

    for found in (explore(Scenario(World, sleeps)), run(Scenario(World, sleeps))):
        assert found.failures[0].lock == "sem"
    assert run(Scenario(World, section, thief), "1-2").failures[0].lock == "b"


def test_a_deadlock_lists_only_those_who_have_not_finished() -> None:
    def waits(w: World) -> None:
        w.done.wait()

    (deadlock,) = explore(Scenario(World, section, waits, section)).deadlocks
    assert [wait.task for wait in deadlock.waits] == ["waits"]
    assert list(deadlock.lines) == list(deadlock.operations) == list(deadlock.reasons) == ["waits"]


def test_a_lock_that_the_world_itself_took_is_waited_for_in_vain() -> None:
    class Locked(World):
        def __init__(self) -> None:
            super().__init__()
            self.a.lock()

    (deadlock,) = explore(Scenario(Locked, section)).deadlocks
    assert deadlock.waits == (("section", "a", ("world",)),)
    assert deadlock.cycle == ()


def test_locks_may_be_made_while_a_task_is_judged() -> None:
    """In a live run others go on meanwhile; here it is the look at a lock that makes one."""

    class Busy(Resource):
        def __init__(self) -> None:
            super().__init__(None)

        @classmethod
        def held_by(cls, value: object) -> tuple[str, ...]:
            Mutex()
            return ()

    class World:
        def __init__(self) -> None:
            self.busy, self.a = Busy(), Mutex()

    def forgets(w: World) -> None:
        w.a.lock()

    assert [failure.message for failure in run(Scenario(World, forgets)).failures] == [
        "forgets ended while it holds a."
    ]
