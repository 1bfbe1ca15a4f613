"""The per-CPU reader/writer semaphore: the block flag, the queue, and what reader preference would change."""

from __future__ import annotations

import pytest

from kvmlab import LockError, PercpuRwsem, ReaderPreferringRwsem, Scenario, Shared, explore, replay
from kvmlab.primitives.percpu_rwsem import Rwsem
from kvmlab.verdict import Run


class World:
    def __init__(self) -> None:
        self.sem = PercpuRwsem()
        self.cell = Shared(0)


class Preferring(World):
    def __init__(self) -> None:
        super().__init__()
        self.sem = ReaderPreferringRwsem()


def reader(w: World) -> None:
    with w.sem.read():
        w.cell.load()


def writer(w: World) -> None:
    with w.sem.write():
        w.cell.store(1)


def last_value(run: Run) -> list[tuple[str, str]]:
    """What happened, as (task, operation)."""
    return [(step.task, step.operation) for step in run.schedule]


def test_readers_do_not_wait_for_readers() -> None:
    scenario = Scenario(World, reader, reader, reader)
    found = explore(scenario)
    assert found.verdict == "proven"
    assert replay(scenario, "1-2-3").movable == ("reader 1", "reader 2", "reader 3")


def test_a_writer_waits_for_the_readers_inside() -> None:
    scenario = Scenario(World, reader, writer)
    assert replay(scenario, "1-2").movable == ("reader",)
    assert replay(scenario, "1-2-1").movable == ("reader",)
    assert replay(scenario, "1-2-1-1").movable == ("writer",)


def test_from_the_moment_the_flag_is_set_a_new_reader_waits_although_an_old_one_is_still_inside() -> None:
    scenario = Scenario(World, reader, writer, reader)
    assert replay(scenario, "1-2-3").movable == ("reader 1",)


def test_a_reader_queued_behind_a_writer_enters_when_the_writer_leaves() -> None:
    scenario = Scenario(World, writer, reader)
    assert replay(scenario, "1-1-2").movable == ("writer",)
    assert replay(scenario, "1-1-2-1-1").movable == ("reader",)
    assert replay(scenario, "1-1-2-1-1-2-2-2").verdict == "finished"


def test_the_queue_is_first_in_first_out_and_readers_enter_up_to_the_next_writer() -> None:
    """w1 holds; r2, w3, r4 queue: r2 enters with w1's leaving, w3 gets the flag, r4 waits for w3."""
    scenario = Scenario(World, writer, reader, writer, reader)
    assert replay(scenario, "1-1-2-3-4-1-1").movable == ("reader 1",)
    assert replay(scenario, "1-1-2-3-4-1-1-2-2-2").movable == ("writer 2",)
    assert replay(scenario, "1-1-2-3-4-1-1-2-2-2-3-3-3").movable == ("reader 2",)


def test_after_a_writer_left_an_empty_queue_everything_is_as_at_the_start() -> None:
    sem = PercpuRwsem()
    with sem.write():
        assert sem.value == Rwsem((), "you", ())
    with sem.read():
        assert sem.value == Rwsem(("you",), None, ())
    assert sem.value == Rwsem()


def test_a_reader_that_reads_again_behind_a_pending_writer_waits_for_it_who_waits_for_the_reader() -> None:
    def nested(w: World) -> None:
        with w.sem.read(), w.sem.read():
            pass

    (deadlock,) = explore(Scenario(World, nested, writer)).deadlocks
    assert deadlock.waits == (("nested", "sem", ("writer",)), ("writer", "sem", ("nested",)))
    assert deadlock.reasons == {
        "nested": "a writer, writer, is waiting; it waits for nested to leave",
        "writer": "nested must leave it first",
    }
    assert explore(Scenario(World, nested, nested)).verdict == "proven"


def test_a_writer_that_writes_again_waits_for_itself() -> None:
    def twice(w: World) -> None:
        w.sem.write_lock()
        w.sem.write_lock()

    for world in (World, Preferring):
        (deadlock,) = explore(Scenario(world, twice)).deadlocks
        assert deadlock.waits == (("twice", "sem", ("twice",)),)
        assert deadlock.reasons["twice"] == "it holds that lock for writing itself, and the lock is not recursive"


def test_a_writer_that_writes_again_with_others_queued_in_between_waits_for_itself() -> None:
    def twice(w: World) -> None:
        with w.sem.write(), w.sem.write():
            pass

    found = explore(Scenario(World, twice, reader, writer))
    assert found.verdict == "deadlock"
    assert all("twice" in deadlock.lines for deadlock in found.deadlocks)


def test_a_writer_that_reads_waits_for_itself() -> None:
    def both(w: World) -> None:
        with w.sem.write(), w.sem.read():
            pass

    for world in (World, Preferring):
        (deadlock,) = explore(Scenario(world, both)).deadlocks
        assert deadlock.waits == (("both", "sem", ("both",)),)


def test_a_reader_that_writes_waits_for_itself_to_leave() -> None:
    def upgrade(w: World) -> None:
        with w.sem.read(), w.sem.write():
            pass

    for world in (World, Preferring):
        (deadlock,) = explore(Scenario(world, upgrade)).deadlocks
        assert deadlock.waits == (("upgrade", "sem", ("upgrade",)),)
        assert deadlock.reasons["upgrade"] == "it must leave it first"


def test_two_readers_who_both_want_to_write_deadlock() -> None:
    def upgrade(w: World) -> None:
        with w.sem.read(), w.sem.write():
            pass

    assert explore(Scenario(World, upgrade, upgrade)).verdict == "deadlock"


def test_why_a_second_writer_waits_names_everybody_before_it() -> None:
    def forever(w: World) -> None:
        w.sem.read_lock()
        w.sem.write_lock()

    waiting = replay(Scenario(World, forever, writer, reader), "1-2-1-3").deadlock
    assert waiting is not None
    assert waiting.waits == (
        ("forever", "sem", ("writer",)),
        ("writer", "sem", ("forever",)),
        ("reader", "sem", ("writer", "forever")),
    )
    assert waiting.reasons["reader"] == (
        "a writer, writer, is waiting; it waits for forever to leave; forever is queued before it"
    )


def test_read_trylock_never_waits_and_fails_while_the_flag_is_set() -> None:
    def attempt(w: World) -> None:
        if w.sem.read_trylock():
            w.sem.read_unlock()

    scenario = Scenario(World, reader, writer, attempt)
    assert replay(scenario, "1-3").schedule[-1].result is True
    assert replay(scenario, "1-2-3").schedule[-1].result is False, "a writer is only waiting"
    assert replay(scenario, "2-2-3").schedule[-1].result is False
    assert explore(scenario).verdict == "proven"


@pytest.mark.parametrize("kind", [PercpuRwsem, ReaderPreferringRwsem])
def test_who_is_not_inside_cannot_leave(kind: type[PercpuRwsem]) -> None:
    sem = kind()
    with pytest.raises(LockError, match=f"you leave {kind.__name__} as a reader but are not inside as one"):
        sem.read_unlock()
    with pytest.raises(LockError, match=f"you release {kind.__name__} as the writer but do not hold it as one"):
        sem.write_unlock()
    with sem.read(), pytest.raises(LockError, match="as the writer"):
        sem.write_unlock()
    with sem.write(), pytest.raises(LockError, match="as a reader"):
        sem.read_unlock()


def test_reading_twice_needs_leaving_twice() -> None:
    sem = PercpuRwsem()
    with sem.read(), sem.read():
        assert sem.value.readers == ("you", "you")
    assert sem.value == Rwsem()


def test_a_task_that_ends_inside_fails() -> None:
    def forget_read(w: World) -> None:
        w.sem.read_lock()

    def forget_write(w: World) -> None:
        w.sem.write_lock()

    assert explore(Scenario(World, forget_read)).failures[0].message == "forget_read ended while it holds sem."
    assert explore(Scenario(World, forget_write)).failures[0].message == "forget_write ended while it holds sem."


def test_with_reader_preference_a_waiting_writer_blocks_nobody() -> None:
    scenario = Scenario(Preferring, reader, writer, reader)
    assert replay(scenario, "1").movable == ("reader 1", "reader 2"), "the writer waits outside"
    assert replay(scenario, "1-3-1-1").movable == ("reader 2",)

    def nested(w: World) -> None:
        with w.sem.read(), w.sem.read():
            pass

    assert explore(Scenario(Preferring, nested, writer)).verdict == "proven"


def test_reader_preference_still_excludes() -> None:
    scenario = Scenario(Preferring, reader, writer)
    assert replay(scenario, "2").movable == ("writer",)
    assert explore(scenario).verdict == "proven"


def test_it_is_described_in_a_readers_words() -> None:
    value = Rwsem(("a", "b"), "c", (("d", True), ("e", False)))
    assert PercpuRwsem.describe(value) == {
        "readers": ["a", "b"], "writer": "c", "waiting": True, "queue": ["d (write)", "e (read)"]
    }  # fmt: skip
    assert PercpuRwsem.held_by(value) == ("a", "b", "c")
    assert PercpuRwsem.held_by(Rwsem()) == ()
