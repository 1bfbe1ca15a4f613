"""Search by traces: run the program again and again, one run per class of schedules.

Two schedules that differ by swapping neighbours that do not depend on each other belong to the same *class* and reach
the same end. After each run the search looks for *races*: pairs of dependent operations that could have happened in
the other order. For each it plants the reversed beginning, unless a planted or finished one covers it, and later runs
it. Sleep sets keep a class from being met twice.

This search runs real Python every time, so plain data may decide what a task does.

Source: P. Abdulla, S. Aronis, B. Jonsson, K. Sagonas, "Source Sets: A Foundation for Optimal Dynamic Partial Order
Reduction", Journal of the ACM 64(4), 2017 (optimal DPOR with wakeup trees). Operations that wait are handled so: a
reversal counts only if the later operation could happen before the earlier one, else the race before it is tried; and
the operations in which tasks wait at the end of a run take part. A task that has gone wrong is gone; the others go on.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from kvmlab.controlled import Controlled, Fiber
from kvmlab.diagnosis import OPERATIONS, Wrong, not_repeatable, stuck, wrong
from kvmlab.events import Branch, Event, Frame, begins_anyway, can_begin, plant, robbed
from kvmlab.operation import can_expire
from kvmlab.plain import Plain
from kvmlab.races import Access, History, Watch
from kvmlab.scenario import SameWorld, Scenario
from kvmlab.verdict import Failure, Schedule
from kvmlab.world import Key, same


class TraceSearch:
    """Every class of schedules.

    Args:
        scenario: what to search.
        limit: how many runs it may take.
        operations: how many operations a task may do in one run.
        timeouts: how many timeouts may expire in one task.
        notify_order: see `explore`.
        reduce: False leaves the races out and tries every task everywhere, with sleep sets alone: slow, and simple
            enough to check the search against.
        progress: called with the number of runs after every one.

    Attributes:
        classes: how many complete schedules were met, dead and failed ones included; one of each class.
        deadlocked: how many of them ended in a deadlock.
        runs: how many runs that took.
        deadlocks, failures: by what makes them different, a shortest schedule, as task names.
        races: by attribute and lines, a shortest schedule up to both accesses; and in `accesses` the two.
        assumes: what the operations that were met take for granted.
        outside: what tasks have written where nobody watches: see `Plain.outside`.
        opaque: what could not be looked into, see `Plain`; None if there was no such thing.
        keys: what makes each class different; None unless it is set to a set before `search`.
        complete: whether that is all there is, or `limit` runs were used up.
        halted: why the search could not go on; None if it could.
    """

    def __init__(
        self,
        scenario: Scenario,
        limit: int,
        *,
        operations: int = OPERATIONS,
        timeouts: int = 1,
        notify_order: str = "fifo",
        reduce: bool = True,
        progress: Callable[[int], None] = lambda runs: None,
    ) -> None:
        self.scenario = scenario
        self.classes = 0
        self.deadlocked = 0
        self.runs = 0
        self.deadlocks: dict[Any, tuple[str, ...]] = {}
        self.failures: dict[Any, tuple[str, ...]] = {}
        self.races: dict[Any, tuple[str, ...]] = {}
        self.accesses: dict[Any, tuple[Access, Access]] = {}
        self.assumes: set[str] = set()
        self.outside: list[str] = []
        self.opaque: str | None = None
        self.keys: set[tuple[Any, ...]] | None = None
        self.complete = True
        self.halted: Failure | None = None
        self._limit = limit
        self._operations = operations
        self._options: dict[str, Any] = {"timeouts": timeouts, "notify_order": notify_order}
        self._reduce = reduce
        self._progress = progress
        self._watch = Watch()
        self._alike = SameWorld(scenario)
        self._begin()

    def _begin(self) -> None:
        """Forget all but which attributes are to be watched, and the deadlocks and failures: these stay true."""
        self.classes = self.deadlocked = 0
        self.races.clear()
        self.accesses.clear()
        self._watch.grew = False
        self._history = History()
        self._last: list[Event] = []
        self._frames: list[Frame] = []
        self._events: list[Event] = []
        self._of_task: defaultdict[str, list[int]] = defaultdict(list)
        self._on_resource: defaultdict[Key, list[int]] = defaultdict(list)
        self._robs: defaultdict[str, list[int]] = defaultdict(list)
        self._births: dict[str, dict[str, int]] = {}
        self._wrong: dict[str, tuple[int, Wrong]] = {}

    def search(self) -> TraceSearch:
        """Run to the end, or until the budget is used up or the search is halted; return itself."""
        while self.runs < self._limit:
            self.runs += 1
            with Controlled(self.scenario, **self._options) as run:
                self._wrong = {}
                self._alike.check(run.home)
                self._watch.begin(run.world, run.home)
                self._watch.on = not self._frames
                for number, name in enumerate(self.scenario.task_names):
                    run.start(number)
                    if self._watch.on:
                        self._watch.settle(name, None)
                self._note_accesses(None, {})
                for fiber in run.fibers:
                    self._look(run, fiber, -1)
                if self._repeat(run):
                    self._watch.resume()
                    self._go_on(run)
            if self._watch.grew and not self.halted:
                self._begin()
            elif self.halted or not self._backtrack():
                self._repeat_last()
                return self
            self._progress(self.runs)
        self.complete = False
        return self

    def _repeat_last(self) -> None:
        """Run the last complete schedule once more, and again each time that one of the tasks was begun alone before.

        A search of few runs repeats too little to notice that a task remembers earlier runs; and when all runs have
        counted alike what it counts (its calls, in a global list), it is by such a beginning that they get out of step.
        """
        self._repeat_it()
        for number in range(len(self.scenario.tasks)):
            if self.halted or not self._last:
                return
            with Controlled(self.scenario, **self._options) as run:
                run.start(number)
            self._repeat_it()

    def _repeat_it(self) -> None:
        """Run the last complete schedule once more."""
        if self.halted or not self._last:
            return
        self._events, self._wrong, self._watch.on = self._last, {}, False
        with Controlled(self.scenario, **self._options) as run:
            self._alike.check(run.home)
            plain = Plain(run.world, self.scenario.tasks)
            self._watch.begin(run.world, run.home)
            run.start_all()
            if self._repeat(run):
                for fiber in run.fibers:
                    if self._can_move(run, fiber):
                        self._differs(self._last[-1], fiber)
            self.outside, self.opaque = plain.outside(), plain.opaque

    # One run.

    def _repeat(self, run: Controlled) -> bool:
        """Bring `run` to where the search branches off; false when it does not do what it did before."""
        for position, event in enumerate(self._events):
            known = len(run.fibers)
            fiber = self._about_to(event, run)
            if fiber is None:
                return False
            result = run.move(fiber)
            if result != event.result and not same(result, event.result):
                self._differs(event, fiber)
                return False
            for one in (*run.fibers[known:], fiber):
                self._look(run, one, position)
        return True

    def _about_to(self, event: Event, run: Controlled) -> Fiber | None:
        """Who is about to do `event`; None, and the search is halted, if nobody is: it is not repeatable."""
        fiber = run.find(event.task)
        if (
            fiber is not None
            and fiber.ended is None
            and fiber.operation is event.operation
            and fiber.resource.key == event.resource
            and (fiber.args == event.args or same(fiber.args, event.args))
            and run.can_move(fiber)
        ):
            return fiber
        self._differs(event, fiber)
        return None

    def _go_on(self, run: Controlled) -> None:
        """Follow what is planted, then let the tasks take turns, as far as they are not asleep, until nobody is left.

        Which task goes first makes no difference to what is found in the end. Taking turns, they soon stand in each
        other's way, so that the first deadlock tends to come early.
        """
        fresh = len(self._events)
        if not self._frames:
            self._frames.append(Frame({}, []))
        while not self.halted:
            frame = self._frames[-1]
            if not frame.branches:
                turns = sorted(run.fibers, key=lambda one: one.operations)
                awake = (one.name for one in turns if one.name not in frame.sleep and self._can_move(run, one))
                frame.branches += [Branch(name) for name in (itertools.islice(awake, 1) if self._reduce else awake)]
            if not frame.branches:
                break
            branch = frame.branches[0]
            fiber = self._about_to(branch.event, run) if branch.event else run.named(branch.task)
            if fiber is None:
                return
            event = branch.event = self._perform(run, fiber)
            asleep = {task: other for task, other in frame.sleep.items() if not other.depends(event)}
            self._frames.append(Frame(asleep, branch.following))
        if self.halted:
            return
        if not any(self._can_move(run, fiber) for fiber in run.fibers):
            self._ended(run)
        if self._reduce:
            self._plant_reversals(run, fresh)
        self._frames.pop()

    def _can_move(self, run: Controlled, fiber: Fiber) -> bool:
        return fiber.name not in self._wrong and run.can_move(fiber)

    def _backtrack(self) -> bool:
        """Put what was tried last to sleep and turn to what is planted next; false when nothing is left."""
        while self._frames:
            frame, event = self._frames[-1], self._events.pop()
            self._of_task[event.task].pop()
            self._on_resource[event.resource].pop()
            for task in event.robs:
                self._robs[task].pop()
            self._history.forget(len(self._events))
            frame.branches.pop(0)
            frame.sleep[event.task] = event
            if frame.branches:
                return True
            self._frames.pop()
        return False

    def _perform(self, run: Controlled, fiber: Fiber) -> Event:
        """Let `fiber` move, and append what happened."""
        operation, resource, known, at = fiber.operation, fiber.resource, len(run.fibers), len(self._events)
        line = fiber.location
        if operation.assumes:
            self.assumes.add(operation.assumes)
        event = Event(
            fiber.name, resource.key, False, operation, fiber.args, run.may_expire(fiber), type(resource),
            before=resource.value,
        )  # fmt: skip
        event.result = run.move(fiber)
        event.reads = operation.reads(event.result)
        event.robs = robbed(event.kind, event.task, event.before, resource.value)
        event.clock = self._clock(event)
        self._events.append(event)
        self._of_task[event.task].append(at)
        self._on_resource[event.resource].append(at)
        for task in event.robs:
            self._robs[task].append(at)
        for born in run.fibers[known:]:
            self._births[born.name] = event.clock
            self._look(run, born, at)
        self._look(run, fiber, at)
        self._watch.settle(fiber.name, line)
        self._note_accesses(fiber.name, event.clock)
        return event

    def _clock(self, event: Event) -> dict[str, int]:
        """What happens before `event`, which comes next, and itself."""
        clock = dict(self._past(event.task, len(self._events)))
        for position in reversed(self._on_resource[event.resource]):
            other = self._events[position]
            if not (event.reads and other.reads):
                self._merge(clock, position)
            if not other.reads:
                break
        for position in self._elsewhere(event, len(self._events)):
            self._merge(clock, position)
        clock[event.task] = len(self._events)
        return clock

    def _merge(self, clock: dict[str, int], position: int) -> None:
        """Add to `clock` the operation at `position` and what happens before it."""
        other = self._events[position]
        if clock.get(other.task, -1) < position:
            for task, last in other.clock.items():
                if clock.get(task, -1) < last:
                    clock[task] = last

    def _elsewhere(self, event: Event, position: int) -> list[int]:
        """The positions of what `event`, at `position`, depends on although it is on another resource."""
        found = list(self._robs[event.task]) if event.task in self._robs else []
        for task in event.robs:
            found += self._of_task[task]
        if not found:
            return found
        return [at for at in found if at < position and self._events[at].resource != event.resource]

    def _past(self, task: str, position: int) -> dict[str, int]:
        """What happens before the operation of `task` at `position`, whatever that operation is."""
        for at in reversed(self._of_task[task]):
            if at < position:
                return self._events[at].clock
        return self._births.get(task, {})

    # Races.

    def _plant_reversals(self, run: Controlled, fresh: int) -> None:
        """For every race plant the other order: those that are new in this run, and those that need another look."""
        end = len(self._events)
        for position, event in enumerate(self._events):
            if position >= fresh:
                event.races = list(self._races_of(event, position))
            if event.races:
                event.races = [race for race in event.races if not self._reverse(*race, position)]
        for fiber in run.fibers:
            if fiber.ended is None and fiber.name not in self._wrong:
                resource, may_expire = fiber.resource, run.may_expire(fiber)
                waiting = Event(
                    fiber.name, resource.key, False, fiber.operation, fiber.args, may_expire, type(resource),
                    before=resource.value,
                )  # fmt: skip
                for at, instead in self._races_of(waiting, end):
                    self._reverse(at, instead, end)

    def _races_of(self, event: Event, position: int) -> Iterator[tuple[int, Event]]:
        """The positions before `position` that `event`, which comes there, races with, and what it does there."""
        past = self._past(event.task, position)
        found: list[int] = []
        elsewhere = self._elsewhere(event, position)
        on_it = self._on_resource[event.resource]
        for at in sorted(on_it + elsewhere, reverse=True) if elsewhere else reversed(on_it):
            if at >= position:
                continue
            other = self._events[at]
            if past.get(other.task, -1) >= at:
                if other.reads or elsewhere:
                    continue
                return
            if other.reads and event.reads and at not in elsewhere:
                continue
            if any(self._events[later].clock.get(other.task, -1) >= at for later in found):
                continue
            instead = event.on(
                other.before if other.resource == event.resource else self._value_without(event, at, position)
            )
            if instead is None:
                continue
            found.append(at)
            yield at, instead

    def _value_without(self, event: Event, at: int, position: int) -> Any:
        """What `event` at `position` would find without the operation at `at` and all that happens after that one."""
        task = self._events[at].task
        for one in self._on_resource[event.resource]:
            if at < one < position and self._events[one].clock.get(task, -1) >= at:
                return self._events[one].before
        return event.before

    def _reverse(self, at: int, instead: Event, position: int) -> bool:
        """Plant the order in which `instead`, now at `position`, comes before what is at `at`, unless it is covered.

        Return whether it is covered for good. If not, a later run that goes on in another way has to look again: what
        is independent of the operations that follow now may depend on those that follow then.
        """
        frame, task = self._frames[at], self._events[at].task
        sequence = [one for one in self._events[at + 1 : position] if one.clock.get(task, -1) < at]
        sequence.append(instead)
        if begins_anyway(frame.sleep.values(), sequence):
            return True
        whole = sequence + [one for one in self._events[position + 1 :] if one.clock.get(task, -1) < at]
        if not any(can_begin(asleep, whole) for asleep in frame.sleep.values()):
            plant(frame.branches, whole)
        return begins_anyway((branch.event for branch in frame.branches if branch.event), sequence)

    # What is found.

    def _look(self, run: Controlled, fiber: Fiber, position: int) -> None:
        """Note it when `fiber` has gone wrong by its operation at `position`."""
        if fiber.ended is None and fiber.operations < self._operations:
            return
        fault = wrong(fiber, run.home, self._operations)
        if fault is None:
            return
        self._wrong[fiber.name] = (position, fault)
        if fault.kind == "stuck":
            self.halted = stuck(fiber.name, fault.location, Schedule((), ""), fault.text)

    def _ended(self, run: Controlled) -> None:
        """A complete schedule: note how it ended."""
        self.classes += 1
        self._last = list(self._events)
        if self.keys is not None:
            self.keys.add(self.class_key())
        if self._wrong:
            for task, (position, fault) in self._wrong.items():
                past = self._events[position].clock if position >= 0 else {}
                earlier = [at for other, (at, _) in self._wrong.items() if other != task and at < position]
                if not any(at < 0 or past.get(self._events[at].task, -1) >= at for at in earlier):
                    self._keep(self.failures, (task, fault), past)
            return
        waiting = sorted((one for one in run.fibers if one.ended is None), key=lambda one: self.rank((one.name,)))
        late = [one for one in waiting if can_expire(one.operation, one.resource.value, one.name, one.args)]
        self.assumes |= {one.operation.assumes for one in late}
        if waiting and not late:
            self.deadlocked += 1
            key = tuple((one.name, one.resource.key, one.location, run.blockers(one)) for one in waiting)
            self._keep(
                self.deadlocks, key, {task: positions[-1] for task, positions in self._of_task.items() if positions}
            )

    def _keep_race(self, key: Any, pair: tuple[Access, Access], last: dict[str, int]) -> None:
        """Remember a race with the schedule that leads to it; of two with one schedule, that of the first tasks."""

        def order(accesses: tuple[Access, Access]) -> list[Any]:
            return [(self.rank((one.task,)), not one.writes) for one in accesses]

        before = self.races.get(key)
        if self._keep(self.races, key, last):
            first, second = sorted(pair, key=lambda one: self.rank((one.task,)))
            if self.races[key] != before or order((first, second)) < order(self.accesses[key]):
                self.accesses[key] = (first, second)

    def _keep(self, found: dict[Any, tuple[str, ...]], key: Any, last: dict[str, int]) -> bool:
        """Remember the schedule up to the positions `last`, by task, if it is the shortest of its kind.

        Return whether it is the one that is remembered now.
        """
        chosen = [at for at, event in enumerate(self._events) if last.get(event.task, -1) >= at]
        known = found.get(key)
        if known is not None and len(chosen) > len(known):
            return False
        way = self._in_order(chosen)
        if known is None or self.rank(way) < self.rank(known):
            found[key] = way
        return found[key] == way

    def rank(self, way: Sequence[str]) -> tuple[int, tuple[tuple[int, str], ...]]:
        """Which of two schedules comes first: the shorter one, then the one whose tasks come first."""
        names = self.scenario.task_names
        return len(way), tuple((names.index(task) if task in names else len(names), task) for task in way)

    def _in_order(self, positions: list[int]) -> tuple[str, ...]:
        """The tasks of the events at `positions` in the first of all orders that are equivalent."""
        left = {task: [at for at in positions if self._events[at].task == task] for task in self._of_task}
        order = sorted((task for task in left if left[task]), key=lambda task: self.rank((task,)))
        way: list[str] = []
        while len(way) < len(positions):
            for task in order:
                if left[task] and all(
                    other == task or not left[other] or left[other][0] > last
                    for other, last in self._events[left[task][0]].clock.items()
                    if other in left
                ):
                    left[task].pop(0)
                    way.append(task)
                    break
        return tuple(way)

    def _note_accesses(self, task: str | None, clock: dict[str, int]) -> None:
        """Take in what was read and written since, by `task` after its last operation, or by others before theirs."""
        if not self._watch.log:
            return
        at = len(self._events) - 1
        for name, part, writes, actor, where in self._watch.log:
            access = Access(name, part, writes, actor, at if actor == task else -1, at, where)
            other = self._history.add(access, clock)
            if other is not None:
                last = dict(clock)
                if other.position >= 0:
                    for earlier, position in self._events[other.position].clock.items():
                        last[earlier] = max(position, last.get(earlier, -1))
                key = (name, *sorted({str(other.location), str(access.location)}))
                self._keep_race(key, (other, access), last)
        self._watch.log.clear()

    @property
    def ways(self) -> list[tuple[str, ...]]:
        """The schedules to every different deadlock and failure, shortest first."""
        return sorted({*self.deadlocks.values(), *self.failures.values()}, key=self.rank)

    def class_key(self) -> tuple[Any, ...]:
        """What all schedules of the class of the current run share, and no other: who did what, after what."""
        owners = sorted(task for task, own in self._of_task.items() if own)
        return tuple((task, tuple(self._mark(self._events[at]) for at in self._of_task[task])) for task in owners)

    def _mark(self, event: Event) -> tuple[Any, ...]:
        """What `event` did, and by task how many operations happen before it or are it."""
        clock = event.clock
        causes = tuple((task, sum(at <= clock[task] for at in self._of_task[task])) for task in sorted(clock))
        return event.operation.name, repr(event.result), causes

    def _differs(self, before: Event, fiber: Fiber | None) -> None:
        stands = fiber is not None and fiber.ended is None
        does = "not start" if fiber is None else "end"
        did, where = before.operation.name, None
        if fiber is not None and stands:
            does, where = fiber.operation.name, fiber.location
            known = fiber.home.members.get(before.resource) if fiber.home else None
            if does == did and known is not None and known is not fiber.resource:
                did, does = f"{did} of {known.label}", f"{does} of {fiber.resource.label}"
        self.halted = not_repeatable(before.task, did, does, where, Schedule((), ""))
