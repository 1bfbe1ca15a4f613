"""What `lockdep` takes, refuses and says."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from kvmlab import Mutex, Scenario, ScenarioError, explore, lockdep, replay
from kvmlab.lockdep import LINUX_6_12, LockdepMap, Orders
from tests.oracles.waiters import WAITERS


class World:
    def __init__(self) -> None:
        self.a = Mutex()
        self.b = Mutex()


def forth(w: World) -> None:
    with w.a, w.b:
        pass


def back(w: World) -> None:
    with w.b:  # noqa: SIM117
        with w.a:
            pass


def neither(w: World) -> None:
    pass


ABBA = Scenario(World, forth, back, name="ABBA")


def test_the_text_of_a_report() -> None:
    assert str(lockdep(ABBA)) == dedent("""\
        ABBA: reported (rules: complete) at back, the last of 2 tasks.

        WARNING: possible circular locking dependency detected
        back is trying to acquire lock:
          lock(a), at line 28: with w.a:
        but task is already holding lock:
          lock(b), at line 27: with w.b:  # noqa: SIM117
        which lock already depends on the new lock.

        the existing dependency chain (in reverse order) is:
        -> #1 (b): asked for by forth under a
               at line 22: with w.a, w.b:
        -> #0 (a): asked for by back under b
               at line 28: with w.a:

         Possible unsafe locking scenario:
          CPU0                          CPU1
          lock(b);
                                        lock(a);
                                        lock(b);
          lock(a);
         *** DEADLOCK ***

        1 lock held by back:
         #0: lock(b), at line 27: with w.b:  # noqa: SIM117

        If nothing else keeps these apart, they can wait for one another for ever:
            one task holds b and waits for a, and one task holds a and waits for
            b.

        No deadlock happened; this one could.""")


def test_no_line_of_a_text_is_wider_than_the_page() -> None:
    histories = [lockdep(ABBA), lockdep(ABBA, order=explore(ABBA).shortest), lockdep(ABBA, order=["back"])]
    assert max(len(line) for history in histories for line in str(history).splitlines()) <= 74


def test_silence() -> None:
    history = lockdep(ABBA, "6.12", order=["forth"])
    assert str(history) == repr(history) == "ABBA: silent (Linux 6.12). 1 task ran to the end."
    assert (history.at, history.reporter, history.cycle, history.report) == (None, None, (), None)


def test_every_order_groups_what_was_said() -> None:
    orders = lockdep(Scenario(World, forth, back, neither, name="ABBA"), order="every")
    assert str(orders) == dedent("""\
        ABBA: reported (rules: complete), 6 orders.
          2 orders  reported at task 2 of 3
          4 orders  reported at the last of 3 tasks""")
    assert orders["forth", "back", "neither"].at == 2
    assert next(iter(orders.histories)) == ("forth", "back", "neither")


def test_a_verdict_that_depends_on_the_order_says_so() -> None:
    def go(w: Any) -> None:
        if not w.done:
            forth(w)

    def stop(w: Any) -> None:
        w.done = True

    class Doubtful(World):
        done = False

    orders = lockdep(Scenario(Doubtful, go, stop, back, name="w"), order="every")
    assert orders.verdict == "depends on the order"
    assert str(orders).splitlines()[0] == "w: depends on the order (rules: complete), 6 orders."


def test_along_a_schedule_only_that_much_happens() -> None:
    history = lockdep(ABBA, order="1-1")
    assert (history.verdict, history.finished, history.deadlock) == ("silent", False, None)
    assert str(history) == "ABBA: silent (rules: complete). The schedule ends before the tasks do."
    assert str(history.graph) == "a -(EN)-> b"


def test_along_the_deadlock_the_last_request_is_announced_though_it_never_comes_back() -> None:
    shortest = explore(ABBA).shortest
    assert shortest is not None
    for order in (shortest, shortest.replay):
        history = lockdep(ABBA, order=order)
        assert (history.verdict, history.order) == ("reported", ("forth", "back"))
        assert history.deadlock is not None
        assert history.deadlock.waits == explore(ABBA).deadlocks[0].waits


def test_a_task_that_stands_before_its_first_lock_has_asked_for_it() -> None:
    def hold(w: World) -> None:
        with w.a:
            w.a.lock()

    scenario = Scenario(World, hold, forth)
    history = lockdep(scenario, order="1")
    assert history.order == ("hold", "forth")
    assert history.deadlock is not None


class Flagged(World):
    def __init__(self) -> None:
        super().__init__()
        self.flag = False


def raises_the_flag(w: Flagged) -> None:
    with w.a:
        w.flag = True


def looks_at_the_flag(w: Flagged) -> None:
    with w.a if w.flag else w.b:
        pass


def test_along_a_schedule_all_tasks_begin_first_as_in_a_replay() -> None:
    """So the second task has seen no flag yet, and takes the other lock while the first one is held."""
    scenario = Scenario(Flagged, raises_the_flag, looks_at_the_flag)
    run, history = replay(scenario, "1-2-2-1"), lockdep(scenario, order="1-2-2-1")
    assert (run.verdict, history.finished, history.failures) == ("finished", True, ())
    assert history.schedule == run.schedule
    assert history.order == ("raises_the_flag", "looks_at_the_flag")


def test_the_order_along_a_schedule_is_that_of_the_first_operations() -> None:
    assert lockdep(Scenario(World, forth, neither, back), order="3x4-1x4").order == ("back", "forth", "neither")
    assert lockdep(ABBA, order="2").order == ("back", "forth")


def test_what_a_task_says_before_its_first_operation_is_heard_along_a_schedule() -> None:
    class Mapped(World):
        def __init__(self) -> None:
            super().__init__()
            self.dep_map = LockdepMap()

    def says_it_twice(w: Mapped) -> None:
        w.dep_map.acquire()
        w.dep_map.acquire()
        with w.a:
            pass

    history = lockdep(Scenario(Mapped, says_it_twice, forth, name="w"), order="2")
    assert history.headline == "w: reported (rules: complete) at says_it_twice, the last of 2 tasks."


def test_along_a_schedule_notify_wakes_whom_it_woke() -> None:
    failure = explore(WAITERS, notify_order="any").failures[0]
    assert lockdep(WAITERS, order=failure.schedule).failures == (failure,)


def test_a_task_that_does_something_else_the_second_time_is_refused() -> None:
    begun: list[str] = []

    def forgets_nothing(w: World) -> None:
        begun.append("once more")
        with w.a if len(begun) == 1 else w.b:
            pass

    with pytest.raises(ScenarioError, match=r"w is not repeatable: .* it did not come to operation 2\."):
        lockdep(Scenario(World, back, forgets_nothing, name="w"), order="1-2")


def test_the_schedule_of_a_history_can_be_replayed() -> None:
    history = lockdep(ABBA)
    assert replay(ABBA, history.schedule).verdict == "finished"
    alone = lockdep(ABBA, order=["back"])
    assert alone.schedule.scenario is not None
    assert replay(alone.schedule.scenario, alone.schedule).schedule == alone.schedule


def test_own_rules() -> None:
    assert lockdep(ABBA, LINUX_6_12).linux == "6.12"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"order": ["forth", "bock"]}, "no task is called 'bock'; the tasks are forth, back"),
        ({"order": ["forth", "forth"]}, "forth is in the order 2 times: a task runs once"),
        ({"order": []}, "an empty order runs nothing"),
        ({"order": [1, 2]}, "no task is called 1; the tasks are forth, back"),
        ({"order": 5}, 'a schedule of task numbers such as order="1-1-2", not 5'),
        ({"order": "all"}, r"a list of task names such as order=\['forth', 'back'\], or .*, not 'all'"),
        ({"order": "back"}, r"a list of task names such as order=\['back'\], or .*, not 'back'"),
        ({"order": "1-0"}, "'0' in the schedule '1-0' is no task"),
        ({"order": "2-2-2-2-2-2-2"}, "the schedule does not fit this scenario"),
        ({"linux": "6.13"}, 'there are no rules linux=\'6.13\'; there are "6.12", "6.1", "complete"'),
        ({"linux": 6.12}, 'there are no rules linux=6.12: write linux="6.12", as a text; there are "6.12"'),
        ({"linux": 6.13}, 'there are no rules linux=6.13; there are "6.12"'),
        ({"linux": None}, 'there are no rules linux=None; there are "6.12"'),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ScenarioError, match=sentence):
        lockdep(ABBA, **arguments)


def test_what_is_no_scenario_is_refused_in_a_sentence() -> None:
    with pytest.raises(ScenarioError, match=r"lockdep takes a Scenario, not .*: write lockdep\(Scenario"):
        lockdep(World)  # type: ignore[call-overload]


def test_too_many_orders_are_refused_in_a_sentence() -> None:
    many = Scenario(World, *[neither] * 8, name="many")
    with pytest.raises(
        ScenarioError, match=r"many has 8 tasks, which is 40,320 orders\. Every order is tried of up to 7"
    ):
        lockdep(many, order="every")
    assert isinstance(lockdep(Scenario(World, *[neither] * 4), order="every"), Orders)


def test_a_task_cannot_ask_lockdep() -> None:
    history = lockdep(Scenario(World, lambda w: lockdep(ABBA), name="w"))
    assert history.failures[0].kind == "raised"
    assert "explores or replays inside a task" in history.failures[0].message


def test_what_tasks_print_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    lockdep(Scenario(World, lambda w: print("hello")))
    assert capsys.readouterr().out == ""


def test_a_loop_without_end_is_ended() -> None:
    def spin(w: World) -> None:
        while True:
            with w.a:
                pass

    history = lockdep(Scenario(World, spin))
    assert [failure.kind for failure in history.failures] == ["endless"]
