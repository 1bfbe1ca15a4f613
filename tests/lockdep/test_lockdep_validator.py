"""What each call of the validator does, one small history a test."""

from __future__ import annotations

import pytest
from lockdep_histories import inside, play

from kvmlab.lockdep import Kind, Lock, LockClass, Strength, Validator

AB_BA = [inside("lock a", "lock b"), inside("lock b", "lock a")]


def test_two_locks_in_two_orders_are_reported_without_any_deadlock() -> None:
    assert play(*AB_BA).cycle == ("a", "b", "a")


def test_it_does_not_matter_that_one_task_did_both() -> None:
    """Classes are ordered, not tasks: two tasks and one give the same verdict."""
    a, b = Lock("a"), Lock("b")
    for second in ("one", "two"):
        validator = Validator()
        validator.acquire("one", a)
        validator.acquire("one", b)
        validator.release("one", b)
        validator.release("one", a)
        validator.acquire(second, b)
        assert validator.acquire(second, a) is not None


def test_locks_of_two_tasks_make_no_dependency() -> None:
    a, b, validator = Lock("a"), Lock("b"), Validator()
    validator.acquire("one", a)
    validator.acquire("two", b)
    assert len(validator.graph) == 0


def test_a_chain_is_checked_once() -> None:
    """The second time nothing is searched: the witness of the edge stays the first."""
    a, b, validator = Lock("a"), Lock("b"), Validator()
    for where in ("first.py:1", "second.py:1"):
        validator.acquire("task", a, where=where)
        validator.acquire("task", b, where=where)
        validator.release("task", b)
        validator.release("task", a)
    (edge,) = validator.graph
    (witness,) = edge.witnesses.values()
    assert witness.inner.where == "first.py:1"
    assert str(edge) == "a -(EN)-> b"


def test_one_report_and_then_off() -> None:
    c, d, validator = Lock("c"), Lock("d"), Validator()
    validator.acquire("task", c)
    report = validator.acquire("task", c)
    assert report is not None
    assert not validator.armed
    assert validator.acquire("other", d) is None
    assert validator.acquire("other", d) is None
    assert validator.release("other", c) is None
    assert validator.assert_held("other", c) is None
    assert validator.task_exit("other") is None
    assert validator.report is report


def test_a_warning_does_not_disarm() -> None:
    a, validator = Lock("a"), Validator("6.12")
    warning = validator.assert_held("task", a)
    assert warning is not None
    assert not warning.final
    assert validator.armed
    validator.acquire("task", a)
    assert validator.assert_held("task", a) is None
    assert validator.acquire("task", a) is not None


def test_synchronize_inside_an_rcu_reader_is_a_warning_and_no_report() -> None:
    outcome = play(inside("read_lock r", "synchronize r"), inside("lock a", "lock a"), kinds={"r": "rcu"})
    assert (outcome.verdict, outcome.kind) == ("reported", "possible recursive locking")
    assert play(inside("read_lock r", "synchronize r"), kinds={"r": "rcu"}).kind == "suspicious RCU usage"


class TestTrylock:
    def test_as_inner_lock_makes_no_dependency(self) -> None:
        assert play(inside("lock a", "trylock b"), AB_BA[1]).verdict == "silent"

    def test_as_outer_lock_counts_as_held(self) -> None:
        assert play(inside("trylock a", "lock b"), AB_BA[1]).verdict == "reported"

    def test_does_not_hide_the_lock_outside_it(self) -> None:
        assert play(inside("lock a", "trylock z", "lock b"), AB_BA[1]).verdict == "reported"

    def test_at_a_lock_the_task_holds_fails_and_is_not_announced(self) -> None:
        """rec-mutex_try of the data: one unlock is enough."""
        assert play("lock a, trylock a, unlock a").verdict == "silent"

    def test_of_a_second_read_succeeds(self) -> None:
        step = "read_lock p, read_trylock p, read_unlock p, read_unlock p"
        assert play(step, kinds={"p": "percpu_rwsem"}).verdict == "silent"


class TestSynchronize:
    KINDS = {"s": "srcu", "t": "srcu"}

    def test_is_an_empty_exclusive_section_that_leaves_nothing_held(self) -> None:
        s, a, validator = Lock("s", "srcu"), Lock("a"), Validator()
        validator.acquire("task", a)
        assert validator.sync("task", s) is None
        assert [held.lock for held in validator.held("task")] == [a]
        assert [str(edge) for edge in validator.graph] == ["a -(EN)-> s"]

    def test_with_nothing_held_is_harmless(self) -> None:
        step = inside("read_lock s", "lock a")
        assert play("synchronize s", step, "synchronize s", kinds=self.KINDS).verdict == "silent"

    def test_under_a_lock_that_a_reader_takes_is_reported(self) -> None:
        steps = [inside("read_lock s", "lock a"), inside("lock a", "synchronize s")]
        assert play(*steps, kinds=self.KINDS).cycle == ("s", "a", "s")

    @pytest.mark.parametrize("event", ["call_srcu_and_barrier", "poll_grace_period"])
    def test_callbacks_and_polling_are_not_seen(self, event: str) -> None:
        steps = [inside("read_lock s", "lock a"), inside("lock a", f"{event} s")]
        assert play(*steps, kinds=self.KINDS).verdict == "silent"

    @pytest.mark.parametrize(
        ("enter", "leave"),
        [("read_lock_notrace", "read_unlock_notrace"), ("down_read_unowned", "up_read_unowned")],
    )
    def test_readers_that_lockdep_is_not_told_of_are_not_seen(self, enter: str, leave: str) -> None:
        steps = [f"{enter} s, lock a, unlock a, {leave} s", inside("lock a", "synchronize s")]
        assert play(*steps, kinds=self.KINDS).verdict == "silent"


class TestMightLock:
    def test_is_checked_as_if_the_lock_were_taken(self) -> None:
        assert play(inside("lock a", "might_lock b"), AB_BA[1]).verdict == "reported"

    def test_leaves_nothing_held(self) -> None:
        assert play(inside("might_lock a", "lock b"), AB_BA[1]).verdict == "silent"

    def test_reports_the_put_that_was_not_the_last(self) -> None:
        assert play(inside("lock kvm_lock", "might_lock kvm_lock")).kind == "possible recursive locking"


class TestClasses:
    TWO = {"m0": "m", "m1": "m", "m2": "m"}

    def test_two_instances_nested_are_recursion(self) -> None:
        assert play(inside("lock m0", "lock m1"), classes=self.TWO).cycle == ("m", "m")

    def test_two_instances_one_after_another_are_not(self) -> None:
        step = inside("lock a", "lock m0") + ", " + inside("lock a", "lock m1")
        assert play(step, classes=self.TWO).verdict == "silent"

    def test_a_subclass_is_a_class_of_its_own(self) -> None:
        assert play(inside("lock m0", "lock_nested m1 1"), classes=self.TWO).verdict == "silent"

    def test_a_subclass_hides_a_true_inversion_of_two_instances(self) -> None:
        steps = [inside("lock m0", "lock_nested m1 1"), inside("lock m1", "lock_nested m0 1")]
        assert play(*steps, classes=self.TWO, linux="complete").verdict == "silent"

    def test_two_at_one_subclass_are_recursion(self) -> None:
        step = inside("lock m0", "lock_nested m1 1", "lock_nested m2 1")
        assert play(step, classes=self.TWO).cycle == ("m/1", "m/1")

    def test_a_class_first_taken_at_a_subclass_gets_two_names(self) -> None:
        steps = [inside("lock_nested m1 1", "lock m0"), inside("lock m0", "lock_nested m1 1")]
        assert play(*steps, classes=self.TWO).cycle == ("m/1", "m#2", "m/1")

    def test_equal_names_with_different_keys_are_told_apart(self) -> None:
        """Two places that create a lock each are two classes, even if both call it `lock`."""
        one, two, validator = Lock("lock", key="a.py:1"), Lock("lock", key="b.py:9"), Validator()
        validator.acquire("task", one)
        assert validator.acquire("task", two) is None
        assert [held.cls.version for held in validator.held("task")] == [1, 2]
        assert [str(edge) for edge in validator.graph] == ["lock -(EN)-> lock#2"]

    def test_a_subclass_is_0_to_7(self) -> None:
        validator, lock = Validator(), Lock("a")
        assert validator.acquire("task", lock, subclass=7) is None
        with pytest.raises(ValueError, match="subclass 8 of a: a subclass is 0 to 7"):
            validator.acquire("task", lock, subclass=8)

    def test_asking_whether_a_lock_is_held_makes_no_class(self) -> None:
        """So the next lock of that name does not become its second version."""
        validator, lock = Validator(), Lock("m", "mutex")
        validator.assert_held("task", lock)
        validator.acquire("task", lock, subclass=1)
        (held,) = validator.held("task")
        assert isinstance(held.cls, LockClass)
        assert str(held.cls) == "m/1"


class TestNestLock:
    TWO = {"m0": "m", "m1": "m"}

    def test_lets_many_of_a_class_be_taken_in_any_order(self) -> None:
        for first, second in (("m0", "m1"), ("m1", "m0")):
            step = f"lock x, lock_nest_lock {first} x, lock_nest_lock {second} x, unlock m1, unlock m0, unlock x"
            assert play(step, classes=self.TWO).verdict == "silent"

    def test_must_itself_be_held(self) -> None:
        assert play("lock_nest_lock m0 x, unlock m0", classes=self.TWO).kind == "Nested lock was not taken"

    def test_must_be_given_to_the_first_of_the_class_too(self) -> None:
        step = "lock x, lock m0, lock_nest_lock m1 x, unlock m1, unlock m0, unlock x"
        outcome = play(step, classes=self.TWO)
        assert (outcome.kind, outcome.step) == ("DEBUG_LOCKS_WARN_ON(!hlock->nest_lock)", None)

    def test_works_across_another_lock_in_between(self) -> None:
        step = "lock x, lock_nest_lock m0 x, lock y, lock_nest_lock m1 x, unlock m1, unlock y, unlock m0, unlock x"
        assert play(step, classes=self.TWO).verdict == "silent"

    def test_released_before_what_it_serialises_is_noticed(self) -> None:
        step = "lock x, lock y, lock_nest_lock m0 x, unlock x, unlock m0, unlock y"
        assert play(step, classes=self.TWO).kind == "Nested lock was not taken"

    @pytest.mark.parametrize(("linux", "verdict"), [("6.12", "silent"), ("complete", "reported")])
    def test_the_kernels_cache_does_not_tell_a_nested_chain_from_a_plain_one(self, linux: str, verdict: str) -> None:
        nested = "lock x, lock_nest_lock m0 x, lock y, lock_nest_lock m1 x, unlock m1, unlock y, unlock m0, unlock x"
        plain_ = "lock x, lock_nest_lock m0 x, lock y, lock m1, unlock m1, unlock y, unlock m0, unlock x"
        assert play(nested, plain_, classes=self.TWO, linux=linux).verdict == verdict


class TestRelease:
    def test_in_any_order(self) -> None:
        assert play("lock a, lock b, unlock a, unlock b").verdict == "silent"

    def test_of_the_middle_lock_connects_its_neighbours(self) -> None:
        """The inner locks are taken anew: a -> c is recorded when b goes. Kernel: reacquire_held_locks(), 6.12."""
        a, b, c, validator = Lock("a"), Lock("b"), Lock("c"), Validator("6.12")
        for lock in (a, b, c):
            validator.acquire("task", lock)
        assert [str(edge) for edge in validator.graph] == ["a -(EN)-> b", "b -(EN)-> c"]
        validator.release("task", b)
        assert [str(edge) for edge in validator.graph] == ["a -(EN)-> b", "a -(EN)-> c", "b -(EN)-> c"]

    def test_can_make_6_12_see_the_edge_it_had_lost(self) -> None:
        """x, SRCU reader, y, and the reader leaves first: now x -> y is recorded."""
        step = "lock x, read_lock s, lock y, read_unlock s, unlock y, unlock x"
        outcome = play(step, inside("lock y", "lock x"), kinds={"s": "srcu"}, linux="6.12")
        assert outcome.cycle == ("x", "y", "x")

    def test_can_itself_be_what_closes_the_circle(self) -> None:
        step = "lock x, read_lock s, lock y, read_unlock s, unlock y, unlock x"
        outcome = play(inside("lock y", "lock x"), step, kinds={"s": "srcu"}, linux="6.12")
        assert outcome.cycle == ("y", "x", "y")

    def test_of_what_is_not_held_is_a_bad_unlock(self) -> None:
        assert play("lock a, unlock b").kind == "bad unlock balance"

    def test_by_another_task_is_a_bad_unlock(self) -> None:
        a, validator = Lock("a"), Validator()
        validator.acquire("one", a)
        report = validator.release("two", a)
        assert report is not None
        assert report.kind == "bad unlock balance"


class TestPseudoLock:
    """A lock that exists for lockdep only, to tell it of a wait it cannot see (lock_map_acquire())."""

    def test_makes_a_completion_visible(self) -> None:
        """The worker runs under the map; who flushes it says so with an empty section. a: held by the flusher."""
        worker, flusher = inside("lock work", "lock a"), inside("lock a", "might_lock work")
        assert play(worker, flusher, kinds={"work": "pseudo"}).cycle == ("work", "a", "work")

    def test_a_readers_own_primitive_needs_three_calls(self) -> None:
        gate, a, validator = Lock("gate", "pseudo"), Lock("a"), Validator()
        validator.acquire("reader", gate, shared=True)
        validator.acquire("reader", a)
        validator.release("reader", a)
        validator.release("reader", gate)
        validator.acquire("writer", a)
        report = validator.sync("writer", gate)
        assert report is not None
        assert report.cycle == ("gate", "a", "gate")


def test_a_lock_held_at_task_exit_is_reported() -> None:
    outcome = play("lock a")
    assert outcome.kind == "still has locks held"
    assert outcome.report is not None
    assert outcome.report.sentence == "task has ended and never gave back a."


def test_47_locks_at_once_are_fine_and_48_are_too_many() -> None:
    validator = Validator()
    for number in range(47):
        assert validator.acquire("task", Lock(f"lock{number}")) is None
    report = validator.acquire("task", Lock("lock47"))
    assert report is not None
    assert report.kind == "MAX_LOCK_DEPTH too low"


def test_rcu_readers_are_held_but_make_no_dependency() -> None:
    r, a, validator = Lock("r", "rcu"), Lock("a"), Validator()
    validator.acquire("task", r, shared=True)
    validator.acquire("task", a)
    assert validator.assert_held("task", r) is None
    assert len(validator.graph) == 0


def test_a_kind_of_ones_own_may_be_left_unchecked() -> None:
    """As lockdep_set_novalidate_class() does."""
    quiet, a, validator = Lock("quiet", Kind("quiet", checked=False)), Lock("a"), Validator()
    validator.acquire("task", a)
    validator.acquire("task", quiet)
    assert len(validator.graph) == 0


@pytest.mark.parametrize(
    ("kind", "shared", "message"),
    [
        ("mutex", True, "a lock of the kind 'mutex' has no readers: take it exclusively"),
        ("srcu", False, "a lock of the kind 'srcu' has no exclusive holders: read it, or synchronize with it"),
    ],
)
def test_an_acquisition_that_cannot_be_is_refused(kind: str, shared: bool, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Validator().acquire("task", Lock("a", kind), shared=shared)


def test_synchronizing_with_a_mutex_is_refused() -> None:
    with pytest.raises(TypeError, match="a lock of the kind 'mutex' has no grace period"):
        Validator().sync("task", Lock("a"))


def test_unknown_rules_and_kinds_are_refused_with_what_is_known() -> None:
    with pytest.raises(ValueError, match=r"there are no rules linux='7.3'; there are \"6.12\", \"6.1\", \"complete\""):
        Validator("7.3")
    with pytest.raises(ValueError, match="unknown kind of lock 'futex'; known: mutex, spin, rwlock"):
        Lock("a", "futex")


def test_the_three_strengths() -> None:
    assert [Strength.EXCLUSIVE, Strength.SHARED, Strength.RECURSIVE] == [0, 1, 2]
