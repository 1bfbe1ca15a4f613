"""Which operations depend on one another, and which beginnings cover which."""

from __future__ import annotations

from kvmlab.events import Branch, Event, begins_anyway, can_begin, plant, robbed
from kvmlab.operation import FREE
from kvmlab.primitives import Mutex


def event(task: str, resource: str, *, reads: bool = False, robs: tuple[str, ...] = ()) -> Event:
    return Event(task, (resource, 0), reads, FREE, (), False, Mutex, robs=robs)


def test_operations_depend_on_those_of_the_same_task_and_on_those_of_the_same_resource() -> None:
    assert event("p", "a").depends(event("p", "b"))
    assert event("p", "a").depends(event("q", "a"))
    assert not event("p", "a").depends(event("q", "b"))


def test_two_operations_that_leave_the_value_alone_do_not_depend() -> None:
    assert not event("p", "a", reads=True).depends(event("q", "a", reads=True))
    assert event("p", "a", reads=True).depends(event("q", "a"))


def test_whoever_releases_for_another_task_depends_on_all_that_this_one_does() -> None:
    assert event("p", "a", robs=("q",)).depends(event("q", "b"))
    assert event("q", "b").depends(event("p", "a", robs=("q",)))
    assert not event("p", "a", robs=("q",)).depends(event("r", "b"))


def test_robbed_is_who_held_it_before_and_not_after_and_not_oneself() -> None:
    assert robbed(Mutex, "p", "q", None) == ("q",)
    assert robbed(Mutex, "q", "q", None) == ()
    assert robbed(Mutex, "p", None, "p") == ()


def test_a_sequence_can_begin_with_what_nothing_before_it_concerns() -> None:
    p, q, r = event("p", "a"), event("q", "b"), event("r", "a")
    assert can_begin(q, [p, q])
    assert not can_begin(r, [p, q, r])
    assert can_begin(event("s", "c"), [p, q, r])


def test_a_sequence_begins_anyway_with_an_event_of_its_own_only() -> None:
    p, q = event("p", "a"), event("q", "b")
    assert begins_anyway([q], [p, q])
    assert not begins_anyway([event("s", "c")], [p, q])
    assert not begins_anyway([event("r", "a")], [p, event("r", "a")])


def tasks(branches: list[Branch]) -> list[object]:
    return [(branch.task, tasks(branch.following)) if branch.following else branch.task for branch in branches]


def test_a_planted_beginning_covers_its_equivalents_and_what_goes_on_from_it() -> None:
    tree: list[Branch] = []
    p, q, r = event("p", "a"), event("q", "b"), event("r", "a")
    plant(tree, [p, q])
    assert tasks(tree) == [("p", ["q"])]
    plant(tree, [q, p])
    assert tasks(tree) == [("p", ["q"])]
    plant(tree, [p, q, r])
    assert tasks(tree) == [("p", ["q"])]
    plant(tree, [r, p])
    assert tasks(tree) == [("p", ["q"]), ("r", ["p"])]
