"""The kernel's per-CPU reader/writer semaphore: cheap readers, and a writer who shuts the door before it waits.

Contract
- Readers do not wait for readers.
- ``write_lock`` first sets the block flag, then waits until the readers inside have left.
- From the moment the flag is set, every new reader waits, although old readers still hold the lock. A *pending* writer
  blocks new readers.
- Who has to wait joins one FIFO queue. ``write_unlock`` lets in the queued readers in order; when it comes to a queued
  writer, that one gets the block flag and nobody after it enters.
- It is not recursive: a reader that reads again behind a pending writer waits for that writer, who waits for it.
- ``read_trylock`` never waits; it fails while the block flag is set.

Left out: per-CPU counters and the RCU grace period of the first writer; and the short time between the release of the
block flag and the wake-up, in which a new writer can steal it from the queue. Here the flag passes straight on.

Models: kernel/locking/percpu-rwsem.c (percpu_down_read, percpu_down_write, percpu_up_read, percpu_up_write),
kernel/cpu.c (cpu_hotplug_lock), Linux 6.12.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from kvmlab.errors import LockError
from kvmlab.operation import Fault, Operation, Resource, Task, names, perform
from kvmlab.primitives.section import Section


class Rwsem(NamedTuple):
    """Value of a semaphore: the readers inside, who set the block flag, and the queue of (task, wants to write)."""

    readers: tuple[Task, ...] = ()
    writer: Task | None = None
    queue: tuple[tuple[Task, bool], ...] = ()


def without(tasks: tuple[Task, ...], task: Task) -> tuple[Task, ...]:
    """`tasks` with one `task` less."""
    at = tasks.index(task)
    return tasks[:at] + tasks[at + 1 :]


def enter_reader(sem: Rwsem, task: Task) -> tuple[Rwsem, bool]:
    """Inside at once if the block flag is clear, else at the end of the queue. Result: inside?"""
    if sem.writer is None:
        return sem._replace(readers=tuple(sorted((*sem.readers, task)))), True
    return sem._replace(queue=(*sem.queue, (task, False))), False


def let_in(sem: Rwsem, task: Task) -> bool:
    """The queue has let the reader in."""
    return (task, False) not in sem.queue


def try_enter_reader(sem: Rwsem, task: Task) -> tuple[Rwsem, bool]:
    """Inside if the block flag is clear. Result: inside?"""
    return enter_reader(sem, task) if sem.writer is None else (sem, False)


def leave_reader(sem: Rwsem, task: Task) -> tuple[Rwsem, Any]:
    """One reader less; an error unless the caller is one."""
    if task not in sem.readers:
        return sem, Fault(LockError, "{task} leaves {lock} as a reader but is not inside as one.")
    return sem._replace(readers=without(sem.readers, task)), None


def set_block(sem: Rwsem, task: Task) -> tuple[Rwsem, bool]:
    """The block flag is the caller's if it was clear, else the caller queues. Result: flag set?"""
    if sem.writer is None:
        return sem._replace(writer=task), True
    return sem._replace(queue=(*sem.queue, (task, True))), False


def drained(sem: Rwsem, task: Task) -> bool:
    """The block flag is the caller's and no reader is inside. A writer that writes again queues behind itself."""
    return sem.writer == task and not sem.readers and (task, True) not in sem.queue


def leave_writer(sem: Rwsem, task: Task) -> tuple[Rwsem, Any]:
    """Clear the block flag and serve the queue; an error unless the caller holds the lock for writing."""
    if not drained(sem, task):
        return sem, Fault(LockError, "{task} releases {lock} as the writer but does not hold it as one.")
    readers, queue = list(sem.readers), list(sem.queue)
    writer = None
    while queue and writer is None:
        waiter, writes = queue.pop(0)
        if writes:
            writer = waiter
        else:
            readers.append(waiter)
    return Rwsem(tuple(sorted(readers)), writer, tuple(queue)), None


def before(sem: Rwsem, task: Task) -> tuple[Task, ...]:
    """Whom a queued caller waits for: the writer with the block flag, then any writer queued before it."""
    ahead = [sem.writer] if sem.writer else []
    for waiter, writes in sem.queue:
        if waiter == task:
            break
        if writes:
            ahead.append(waiter)
    return tuple(ahead)


def readers_or_writer(sem: Rwsem, task: Task) -> tuple[Task, ...]:
    """Whom a writer waits for: the readers inside once the flag is its own, else whoever is before it."""
    return sem.readers if sem.writer == task and (task, True) not in sem.queue else before(sem, task)


def behind_writer(sem: Rwsem, task: Task) -> str:
    """Why a queued caller waits."""
    ahead = [name for name in before(sem, task) if name != sem.writer]
    queued = f"; {names(ahead, task)} is queued before it" if ahead else ""
    if sem.writer == task:
        return "it holds that lock for writing itself, and the lock is not recursive"
    if not sem.readers:
        return f"{sem.writer} holds it for writing{queued}"
    return f"a writer, {sem.writer}, is waiting; it waits for {names(sem.readers, sem.writer or '')} to leave{queued}"


def readers_inside(sem: Rwsem, task: Task) -> str:
    """Why a writer waits."""
    if sem.writer != task or (task, True) in sem.queue:
        return behind_writer(sem, task)
    return f"{names(sem.readers, task)} must leave it first"


def unchanged(value: Any, task: Task) -> tuple[Any, None]:
    """The effect of an operation that only waits."""
    return value, None


READ_LOCK = Operation(
    "read_lock", enter_reader, sleeps=True, takes=lambda inside: inside is True,
    effect_text="always: if the block flag is clear the caller is inside; else it joins the queue",
)  # fmt: skip
READ_WAIT = Operation(
    "read_lock (queued)", unchanged, let_in, before, behind_writer, sleeps=True, takes=lambda result: True,
    effect_text="when the queue has let the caller in: it goes on",
)  # fmt: skip
READ_UNLOCK = Operation("read_unlock", leave_reader, effect_text="always: one reader less; an error if not inside")
READ_TRYLOCK = Operation(
    "read_trylock", try_enter_reader, sleeps=False, reads=lambda inside: inside is False,
    takes=lambda inside: inside is True,
    effect_text="always: if the block flag is clear the caller is inside, result True; else result False",
)  # fmt: skip
WRITE_LOCK = Operation(
    "write_lock", set_block, sleeps=True, takes=lambda result: True,
    effect_text="always: if the block flag is clear the caller sets it; else it joins the queue",
)  # fmt: skip
WRITE_WAIT = Operation(
    "write_lock (drain)", unchanged, drained, readers_or_writer, readers_inside, sleeps=True,
    effect_text="when the block flag is the caller's and no reader is inside: it goes on",
)  # fmt: skip
WRITE_UNLOCK = Operation(
    "write_unlock", leave_writer,
    effect_text="always: the flag is cleared; queued readers enter in order, up to a queued writer, who gets the flag",
)  # fmt: skip


class PercpuRwsem(Resource):
    """A per-CPU reader/writer semaphore such as ``cpu_hotplug_lock``. Value: an `Rwsem`."""

    operations: ClassVar[tuple[Operation, ...]] = (
        READ_LOCK,
        READ_WAIT,
        READ_UNLOCK,
        READ_TRYLOCK,
        WRITE_LOCK,
        WRITE_WAIT,
        WRITE_UNLOCK,
    )

    def __init__(self) -> None:
        super().__init__(Rwsem())

    def read_lock(self) -> None:
        """Enter as a reader; wait while the block flag is set (``percpu_down_read()``, ``cpus_read_lock()``)."""
        if not perform(self, READ_LOCK):
            perform(self, READ_WAIT)

    def read_unlock(self) -> None:
        """Leave as a reader (``percpu_up_read()``, ``cpus_read_unlock()``).

        Raises:
            LockError: the caller is not inside as a reader.
        """
        perform(self, READ_UNLOCK)

    def read_trylock(self) -> bool:
        """Enter as a reader unless the block flag is set; return whether that worked. Never waits."""
        return bool(perform(self, READ_TRYLOCK))

    def write_lock(self) -> None:
        """Set the block flag, then wait until no reader is inside (``percpu_down_write()``, ``cpus_write_lock()``)."""
        perform(self, WRITE_LOCK)
        perform(self, WRITE_WAIT)

    def write_unlock(self) -> None:
        """Clear the block flag and let the queue in (``percpu_up_write()``, ``cpus_write_unlock()``).

        Raises:
            LockError: the caller does not hold the lock for writing.
        """
        perform(self, WRITE_UNLOCK)

    def read(self) -> Section[None]:
        """``with sem.read():`` is a read-side critical section."""
        return Section(self.read_lock, lambda _: self.read_unlock())

    def write(self) -> Section[None]:
        """``with sem.write():`` holds it for writing."""
        return Section(self.write_lock, lambda _: self.write_unlock())

    @classmethod
    def held_by(cls, value: Rwsem) -> tuple[Task, ...]:
        """The readers inside, and who set the block flag."""
        return (*value.readers, value.writer) if value.writer else value.readers

    @classmethod
    def describe(cls, value: Rwsem) -> dict[str, Any]:
        """``{"readers": […], "writer": task or None, "waiting": is the writer still waiting?, "queue": […]}``."""
        return {
            "readers": list(value.readers),
            "writer": value.writer,
            "waiting": bool(value.writer and value.readers),
            "queue": [f"{task} ({'write' if writes else 'read'})" for task, writes in value.queue],
        }


def no_writer(sem: Rwsem, task: Task) -> bool:
    """No writer holds it."""
    return sem.writer is None


def nobody_inside(sem: Rwsem, task: Task) -> bool:
    """Neither reader nor writer holds it."""
    return sem.writer is None and not sem.readers


def everybody_inside(sem: Rwsem, task: Task) -> tuple[Task, ...]:
    """Whom a caller of the reader-preferring variant waits for."""
    return (sem.writer,) if sem.writer else sem.readers


def somebody_inside(sem: Rwsem, task: Task) -> str:
    """Why a caller of the reader-preferring variant waits."""
    if sem.writer == task:
        return "it holds that lock for writing itself, and the lock is not recursive"
    if sem.writer:
        return f"{sem.writer} holds it for writing"
    return f"{names(sem.readers, task)} must leave it first"


READ_LOCK_PREFERRED = Operation(
    "read_lock", enter_reader, no_writer, everybody_inside, somebody_inside, sleeps=True, takes=lambda result: True,
    effect_text="when no writer holds it: the caller is inside",
)  # fmt: skip
WRITE_LOCK_PREFERRED = Operation(
    "write_lock", set_block, nobody_inside, everybody_inside, somebody_inside, sleeps=True, takes=lambda result: True,
    effect_text="when nobody is inside: the caller holds it for writing",
)  # fmt: skip


READ_TRYLOCK_PREFERRED = replace(
    READ_TRYLOCK,
    effect_text="always: if no writer holds it the caller is inside, result True; else result False",
)
WRITE_UNLOCK_PREFERRED = replace(WRITE_UNLOCK, effect_text="always: nobody holds it for writing")


class ReaderPreferringRwsem(PercpuRwsem):
    """What `PercpuRwsem` is *not*: a waiting writer blocks nobody, so new readers walk past it.

    With it the circle does not close; and a writer can wait for ever while readers come and go.
    """

    operations = (
        READ_LOCK_PREFERRED,
        READ_UNLOCK,
        READ_TRYLOCK_PREFERRED,
        WRITE_LOCK_PREFERRED,
        WRITE_UNLOCK_PREFERRED,
    )

    def read_lock(self) -> None:
        """Wait until no writer holds it, then enter as a reader."""
        perform(self, READ_LOCK_PREFERRED)

    def write_lock(self) -> None:
        """Wait until nobody is inside, then hold it for writing."""
        perform(self, WRITE_LOCK_PREFERRED)

    def read_trylock(self) -> bool:
        """Enter as a reader unless a writer holds it; return whether that worked. Never waits."""
        return bool(perform(self, READ_TRYLOCK_PREFERRED))

    def write_unlock(self) -> None:
        """Hold it for writing no more.

        Raises:
            LockError: the caller does not hold the lock for writing.
        """
        perform(self, WRITE_UNLOCK_PREFERRED)
