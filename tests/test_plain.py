"""Plain data: what a task writes besides resources is noticed, wherever it lies."""

from __future__ import annotations

import collections
import dataclasses
import enum
import functools
import io
import itertools
import logging
import queue
import random
import re
import threading as real
import types
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from kvmlab import Mutex, Refcount, Scenario, ScenarioError, Shared, explore, lockdep
from kvmlab.plain import Plain
from kvmlab.world import Enrolled

COUNT = 0
LOG: list[int] = []
RULES = {"unused": 1}
MODULE = types.ModuleType("readers_module")
MODULE.counter = 0  # type: ignore[attr-defined]


class World:
    """Something of every kind that a task can write."""

    shared_by_the_class: list[int] = []
    number_of_the_class = 0

    def __init__(self) -> None:
        self.m = Mutex()
        self.flag = False
        self.items: list[Any] = []
        self.table: dict[str, int] = {}
        self.ids: set[int] = {0}
        self.queue: collections.deque[int] = collections.deque()
        self.bytes = bytearray(b"ab")
        self.space = types.SimpleNamespace(x=0)
        self.nested = Nested()
        self.rows = [[0], [1]]
        self.caller = Caller()
        self.keyed = {Hashable(): 1}
        self.members = {Hashable()}
        self.own_list = OwnList()
        self.slotted = Slotted()
        self.counts: collections.Counter[str] = collections.Counter()
        self.data = Data(1)
        self.pair = (1, (float(2), "x"))
        self.few = frozenset([Hashable()])

    def bump(self) -> None:
        global COUNT
        COUNT += 1

    @property
    def hidden(self) -> int:
        LOG.append(1)
        return 1

    @staticmethod
    def static() -> None:
        LOG.append(2)


class Nested:
    def __init__(self) -> None:
        self.deep = {"list": [types.SimpleNamespace(y=0)]}


class Caller:
    def __init__(self) -> None:
        self.calls: list[int] = []

    def __call__(self) -> None:
        self.calls.append(1)


class Hashable:
    def __init__(self) -> None:
        self.touched = False


class OwnList(list):  # type: ignore[type-arg]
    touched = False


class Slotted:
    __slots__ = ("x",)

    def __init__(self) -> None:
        self.x = 0


@dataclasses.dataclass
class Data:
    x: int


def appends_to_default(w: World, seen: list[int] = []) -> None:  # noqa: B006
    with w.m:
        seen.append(1)


def counts_itself(w: World) -> None:
    with w.m:
        counts_itself.times = getattr(counts_itself, "times", 0) + 1  # type: ignore[attr-defined]


def writing(write: Callable[[World], object]) -> Callable[[World], None]:
    def task(w: World) -> None:
        with w.m:
            write(w)

    return task


def makes_closure() -> Callable[[World], None]:
    calls = 0

    def task(w: World) -> None:
        nonlocal calls
        with w.m:
            calls += 1

    return task


def rebinds_global(w: World) -> None:
    global COUNT
    with w.m:
        COUNT += 1


WRITES: list[tuple[str, Callable[[World], None]]] = [
    ("w.flag", writing(lambda w: setattr(w, "flag", True))),
    ("w.new", writing(lambda w: setattr(w, "new", 1))),
    ("w.flag", writing(lambda w: delattr(w, "flag"))),
    ("w.items", writing(lambda w: w.items.append(1))),
    ("w.items", writing(lambda w: setattr(w, "items", []))),
    ("w.pair", writing(lambda w: setattr(w, "pair", (1, (2.5, "x"))))),
    ("w.data", writing(lambda w: setattr(w, "data", Data(1)))),
    ("w.ids", writing(lambda w: [w.ids.discard(0), w.ids.add(False)])),
    ("w.m.hits", writing(lambda w: setattr(w.m, "hits", 1))),
    ("a member of w.few.touched", writing(lambda w: setattr(next(iter(w.few)), "touched", True))),
    ("w.table['a']", writing(lambda w: w.table.update(a=1))),
    ("w.ids", writing(lambda w: w.ids.add(1))),
    ("w.queue", writing(lambda w: w.queue.append(1))),
    ("w.bytes", writing(lambda w: w.bytes.append(1))),
    ("w.space.x", writing(lambda w: setattr(w.space, "x", 1))),
    ("w.nested.deep['list'][0].y", writing(lambda w: setattr(w.nested.deep["list"][0], "y", 1))),
    ("w.rows[1]", writing(lambda w: w.rows[1].append(1))),
    ("w.rows", writing(lambda w: w.rows.reverse())),
    ("w.caller.calls", writing(lambda w: w.caller())),
    ("a key of w.keyed.touched", writing(lambda w: setattr(next(iter(w.keyed)), "touched", True))),
    ("a member of w.members.touched", writing(lambda w: setattr(next(iter(w.members)), "touched", True))),
    ("w.own_list.touched", writing(lambda w: setattr(w.own_list, "touched", True))),
    ("w.own_list", writing(lambda w: w.own_list.append(1))),
    ("w.slotted.x", writing(lambda w: setattr(w.slotted, "x", 1))),
    ("w.counts['a']", writing(lambda w: w.counts.update("a"))),
    ("w.data.x", writing(lambda w: setattr(w.data, "x", 2))),
    ("World.shared_by_the_class", writing(lambda w: w.shared_by_the_class.append(1))),
    (
        "World.number_of_the_class",
        writing(lambda w: setattr(type(w), "number_of_the_class", w.number_of_the_class + 1)),
    ),
    ("the global COUNT", rebinds_global),
    ("the global COUNT", writing(lambda w: w.bump())),
    ("the global LOG", writing(lambda w: LOG.append(1))),
    ("the global LOG", writing(lambda w: w.hidden)),
    ("the global LOG", writing(lambda w: w.static())),
    ("the global RULES['new']", writing(lambda w: RULES.update(new=len(RULES)))),
    ("MODULE.counter", writing(lambda w: setattr(MODULE, "counter", MODULE.counter + 1))),
    ("calls (of task)", makes_closure()),
    ("a default of appends_to_default[0]", appends_to_default),
    ("counts_itself.times", counts_itself),
]


@pytest.mark.parametrize(("path", "task"), WRITES, ids=[f"{number} {path}" for number, (path, _) in enumerate(WRITES)])
def test_a_write_is_found_and_named_and_explored_by_traces(path: str, task: Callable[[World], None]) -> None:
    found = explore(Scenario(World, task, task))
    assert found.search == "traces"
    name = task.__name__
    assert found.why == f"{name} 1 writes plain data, {path}, which the search by states does not see"


def test_the_search_by_states_refuses_with_what_to_do() -> None:
    with pytest.raises(ScenarioError) as caught:
        explore(Scenario(World, writing(lambda w: w.items.append(1))), by="states")
    assert str(caught.value) == (
        "task writes plain data, w.items, which the search by states does not see. "
        'Keep what tasks share in resources (Shared for a plain value), or use by="traces".'
    )


HARMLESS: list[Callable[[World], object]] = [
    lambda w: (w.flag, w.items, w.table, w.nested.deep),
    lambda w: setattr(w, "flag", False),
    lambda w: setattr(w, "pair", (1, (2.0, "x"))),
    lambda w: [w.items.append(1), w.items.clear()],
    lambda w: [1, 2].append(3),
    lambda w: Nested().deep.clear(),
    lambda w: w.m.trylock(),
    lambda w: RULES["unused"],
]


@pytest.mark.parametrize("look", HARMLESS)
def test_reading_writing_the_same_or_writing_ones_own_is_no_write(look: Callable[[World], object]) -> None:
    assert explore(Scenario(World, writing(look))).search == "states"


class Colour(enum.Enum):
    RED = 1


class Pair(NamedTuple):
    x: int


class Ordinary:
    """What innocent worlds are made of."""

    def __init__(self) -> None:
        self.m = Mutex()
        self.colour, self.pair, self.kind = Colour.RED, Pair(1), Pair
        self.enum, self.nothing, self.number = Colour, None, 1.5
        self.error = ValueError("kept")
        self.function, self.part = sorted, functools.partial(print, "x")
        self.data, self.made = Data(1), collections.OrderedDict(a=1)
        self.default: collections.defaultdict[str, int] = collections.defaultdict(int)
        self.vm, self.range, self.frozen = Enrolled(), range(3), frozenset({1})


def test_an_innocent_world_is_searched_by_states() -> None:
    def task(w: Ordinary) -> None:
        with w.m:
            assert w.colour is Colour.RED
            assert sorted(w.range) == [0, 1, 2]
            assert w.pair.x == Pair(1).x

    assert Plain(Ordinary(), [task]).opaque is None
    assert explore(Scenario(Ordinary, task, task)).search == "states"


@pytest.mark.parametrize(
    ("hidden", "what"),
    [
        (lambda: iter([1, 2]), "list_iterator"),
        (lambda: (x for x in [1]), "generator"),
        (itertools.count, "count"),
        (lambda: random.Random(1), "Random"),
        (io.StringIO, "StringIO"),
        (lambda: functools.cache(lambda: 1), "_lru_cache_wrapper"),
        (object, "object"),
    ],
)
def test_what_cannot_be_looked_into_is_named_and_explored_by_traces(hidden: Callable[[], Any], what: str) -> None:
    """Its state may change without anybody seeing it."""

    class Hides:
        def __init__(self) -> None:
            self.m = Mutex()
            self.deep = [hidden()]

    found = explore(Scenario(Hides, lambda w: w.m.trylock() and w.m.unlock()))
    if what == "object":  # nothing is in it
        assert found.search in {"states", "traces"}
    else:
        assert found.why == f"the search by states cannot look into w.deep[0] ({what})"


def test_a_random_number_kept_in_the_world_is_not_taken_for_a_resource() -> None:
    """Each task alone meets the first number; together they meet two different ones."""

    class Dice:
        def __init__(self) -> None:
            self.m, self.rng, self.first = Mutex(), random.Random(1), Shared(None)

    def throws(w: Dice) -> None:
        with w.m:
            number = w.rng.random()
            before = w.first.load()
            w.first.store(number)
        assert before is None or before == number

    assert explore(Scenario(Dice, throws, throws)).verdict == "failed"


class Bank:
    def __init__(self) -> None:
        self.m = Mutex()
        self.money = 100


def withdraws(w: Bank) -> None:
    with w.m:
        enough = w.money >= 100
    with w.m:
        if enough:
            w.money -= 100
    assert w.money >= 0


def test_plain_data_decide_what_happens_and_the_right_search_sees_it() -> None:
    """By states alone each withdrawal would look fine."""
    found = explore(Scenario(Bank, withdraws, withdraws))
    assert (found.search, found.verdict) == ("traces", "failed")


class Token(Refcount):
    """A primitive of the reader's own, with plain data in it."""

    def __init__(self) -> None:
        super().__init__(1)
        self.log: list[str] = []

    def note(self) -> None:
        self.log.append("x")


def test_plain_data_of_a_readers_own_primitive_are_watched_and_its_value_is_not() -> None:
    class Holds:
        def __init__(self) -> None:
            self.token = Token()

    assert explore(Scenario(Holds, lambda w: w.token.inc())).search == "states"
    assert "w.token.log" in explore(Scenario(Holds, lambda w: [w.token.inc(), w.token.note()])).why


def test_data_of_kvmlab_and_the_standard_library_are_not_the_readers() -> None:
    def task(w: World) -> None:
        print(functools.reduce(max, [1, 2]), random.__name__)
        Mutex().lock()

    assert explore(Scenario(World, task)).search == "states"


done = iter([1])  # what a notebook may have lying around under a name that tasks use for something else


def test_an_attribute_is_not_the_global_of_the_same_name() -> None:
    def sets(w: World) -> None:
        w.done.store(1)

    def reads(w: World) -> None:
        class Local:
            seen = done

        assert Local.seen is done

    class World:
        def __init__(self) -> None:
            self.done = Shared(0)

    assert Plain(World(), [sets]).opaque is None
    assert Plain(World(), [reads]).opaque == "the global done (list_iterator)"


class Opened:
    """A world that has what only Python sees."""

    def __init__(self, **held: Any) -> None:
        self.m = Mutex()
        vars(self).update(held)


FOREIGN: list[tuple[Callable[[], Any], str]] = [
    (real.Lock, "w.held is the standard library's own lock"),
    (real.RLock, "w.held is the standard library's own RLock"),
    (real.Event, "w.held is the standard library's own Event"),
    (lambda: [real.Semaphore()], "w.held[0] is the standard library's own Semaphore"),
    (queue.Queue, "w.held is the standard library's own Queue"),
]


@pytest.mark.parametrize(("make", "sentence"), FOREIGN)
def test_a_lock_of_the_standard_library_is_refused_before_anything_is_said(
    make: Callable[[], Any], sentence: str
) -> None:
    def task(w: Opened) -> None:
        with w.m:
            pass

    with pytest.raises(ScenarioError, match=re.escape(sentence)) as caught:
        explore(Scenario(lambda: Opened(held=make()), task, task))
    assert 'from kvmlab import threading"' in str(caught.value)
    with pytest.raises(ScenarioError, match=re.escape(sentence)):
        lockdep(Scenario(lambda: Opened(held=make()), task, task))


LOCK = real.Lock()


def test_a_global_lock_of_the_standard_library_is_refused_and_one_inside_a_logger_is_not() -> None:
    def takes(w: World) -> None:
        with LOCK:
            pass

    def logs(w: World) -> None:
        LOGGER.debug("a line")

    with pytest.raises(ScenarioError, match="the global LOCK is the standard library's own lock"):
        explore(Scenario(World, takes))
    assert explore(Scenario(World, logs)).verdict == "proven"


LOGGER = logging.getLogger("kvmlab.test")
LOGGER.addHandler(logging.NullHandler())


def test_what_outlives_a_run_is_named_among_the_assumptions() -> None:
    def logs(w: World) -> None:
        with w.m:
            LOG.append(1)

    found = explore(Scenario(World, logs, logs))
    assert found.verdict == "proven"
    assert found.assumes[-1] == "no task depends on the global LOG, which tasks write"


def test_what_lies_where_nobody_watches_is_named_among_the_assumptions() -> None:
    def counts(w: World) -> None:
        with w.m:
            w.m.hits = getattr(w.m, "hits", 0) + 1  # type: ignore[attr-defined]
            next(iter(w.members)).touched = True

    assumed = explore(Scenario(World, counts, counts)).assumes[-1]
    assert assumed == "no task depends on w.m.hits, a member of w.members.touched, which tasks write"


def test_what_cannot_be_looked_into_is_named_among_the_assumptions() -> None:
    class Counted:
        def __init__(self) -> None:
            self.m = Mutex()
            self.count = itertools.count()

    found = explore(Scenario(Counted, lambda w: w.m.trylock() and w.m.unlock()))
    assert found.assumes[-1] == "no task depends on what another changes inside w.count (count)"


@dataclasses.dataclass
class Slot:
    name: str
    turn: int = dataclasses.field(default=0, compare=False)


class Moody:
    def __eq__(self, other: object) -> bool:
        raise TypeError("no comparison")

    __hash__ = None  # type: ignore[assignment]


def test_what_a_class_calls_equal_may_still_differ() -> None:
    class Slots:
        def __init__(self) -> None:
            self.m = Mutex()
            self.slot: object = Slot("a")

    def renews(w: Slots) -> None:
        with w.m:
            w.slot = Slot("a", 1)

    def looks(w: Slots) -> None:
        with w.m:
            turn = w.slot.turn  # type: ignore[attr-defined]
        assert turn == 0

    for tasks in ((renews, looks), (looks, renews)):
        assert explore(Scenario(Slots, *tasks)).verdict == "failed"


def test_what_cannot_be_compared_is_no_trouble() -> None:
    class Holder:
        def __init__(self) -> None:
            self.m = Mutex()
            self.thing = Moody()

    def renews(w: Holder) -> None:
        with w.m:
            w.thing = Moody()

    found = explore(Scenario(Holder, renews, renews))
    assert (found.search, found.verdict) == ("traces", "proven")
