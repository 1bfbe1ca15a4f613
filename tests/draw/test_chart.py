"""The schedule chart: operations, holds and waits, row by row."""

from __future__ import annotations

from textwrap import dedent

import pytest

from kvmlab import Scenario, draw, explore, replay
from kvmlab.draw import layout
from kvmlab.draw.chart_columns import Bar, columns_of
from kvmlab.draw.story import retell
from tests.draw.worlds import CIRCLE, CROSSED, Hotplug, TwoLocks, reads, writes


def text(block: str) -> str:
    return dedent(block).strip("\n")


def test_the_shortest_way_into_the_circle() -> None:
    assert str(draw.chart(explore(CIRCLE))) == text("""
        World, 7 operations:
          1.  set_memory_region  lock(slots_lock)              holds slots_lock
          2.  set_nx_huge_pages  lock(kvm_lock)                holds kvm_lock; waits
          3.  vcpu_run           srcu_read_lock(srcu)          holds srcu
          4.  set_memory_region  synchronize_srcu(srcu)        waits
          5.  cpufreq_notifier   read_lock(cpu_hotplug_lock)   holds cpu_hotplug_lock; waits
          6.  cpu_hotplug        write_lock(cpu_hotplug_lock)  sets the block flag of cpu_hotplug_lock; waits
          7.  vcpu_run           read_lock(cpu_hotplug_lock)   waits
          set_memory_region waits for a grace period of srcu: vcpu_run has not left the read-side critical section.
          set_nx_huge_pages waits for slots_lock: set_memory_region holds it.
          vcpu_run waits to read cpu_hotplug_lock: a writer, cpu_hotplug, is waiting; it waits for cpufreq_notifier to leave.
          cpufreq_notifier waits for kvm_lock: set_nx_huge_pages holds it.
          cpu_hotplug waits until the readers leave cpu_hotplug_lock: cpufreq_notifier must leave it first.
    """)  # noqa: E501


def test_holds_are_bars_and_waits_are_dashed_to_the_end() -> None:
    picture = draw.chart(explore(CIRCLE))
    assert picture.svg.count('class="kl-bar"') == 4 + 1  # and one in the legend
    assert picture.svg.count('class="kl-bar kl-pending"') == 1 + 1
    assert picture.svg.count('class="kl-blocked"') == 5
    assert "<title>has set the block flag of cpu_hotplug_lock</title>" in picture.svg
    for number, task in enumerate(CIRCLE.task_names, 1):
        assert f">{task}</text>" in picture.svg
        assert f">task {number}</text>" in picture.svg


def test_a_task_waits_only_while_it_cannot_move() -> None:
    first, second = columns_of(retell(replay(CROSSED, "1-1-1-1-2-2")))
    assert first.waits == set()
    assert second.waits == {2}  # while ab holds b
    assert first.alive == {0, 1, 2, 3}
    assert first.bars == [Bar("a", 0, 1, False, 4), Bar("b", 1, 2, False, 3)]
    assert second.bars == [Bar("b", 0, 5, False, 7), Bar("a", 1, 6, False, 7)]


def test_a_lane_is_used_again_and_no_two_bars_share_one() -> None:
    def crosswise(w: TwoLocks) -> None:
        w.a.lock()
        w.b.lock()
        w.a.unlock()
        w.a.lock()
        w.b.unlock()
        w.a.unlock()

    [column] = columns_of(retell(replay(Scenario(TwoLocks, crosswise), "1x6")))
    assert [(bar.lock, bar.lane, bar.first, bar.last) for bar in column.bars] == [
        ("a", 0, 1, 3),
        ("b", 1, 2, 5),
        ("a", 0, 4, 6),
    ]


def test_a_writers_bar_is_hollow_until_the_readers_have_left() -> None:
    _, writer = columns_of(retell(replay(Scenario(Hotplug, reads, writes), "1-2-1-2-2")))
    assert writer.bars == [
        Bar("cpu_hotplug_lock", 0, 2, True, 3),
        Bar("cpu_hotplug_lock", 0, 3, False, 5),
    ]
    assert writer.waits == {2}


def test_a_queued_reader_holds_from_the_moment_it_is_let_in() -> None:
    scenario = Scenario(Hotplug, writes, reads)
    _, reader = columns_of(retell(replay(scenario, "1-1-2-1-2")))
    assert reader.bars == [Bar("cpu_hotplug_lock", 0, 4, False, 6)]
    assert reader.waits == {3}


def test_what_could_happen_next() -> None:
    picture = draw.chart(replay(CROSSED, "1-1"))
    assert str(picture) == text("""
        TwoLocks, 2 operations:
          1.  ab  lock(a)  holds a
          2.  ab  lock(b)  holds b; ba waits
          ab can go on with unlock(b).
          ba waits for b: ab holds it.
    """)
    assert ">next: unlock</text>" in picture.svg


def test_a_task_that_raised() -> None:
    def wrong(w: TwoLocks) -> None:
        w.a.unlock()

    picture = draw.chart(explore(Scenario(TwoLocks, wrong)))
    assert str(picture) == "TwoLocks, 1 operation:\n  1.  wrong  unlock(a)\n  wrong raised LockError."
    assert ">LockError</text>" in picture.svg


def test_a_finished_run_and_an_empty_one() -> None:
    done = draw.chart(replay(CROSSED, "1x4-2x4"))
    assert "kl-blocked" not in done.svg
    assert str(done).endswith("8.  ba  unlock(b)  lets go of b")
    empty = draw.chart(replay(CROSSED, ""))
    assert str(empty).startswith("TwoLocks: nothing has happened.")
    assert "<svg" in empty.svg


def test_of_a_long_schedule_the_middle_is_left_out() -> None:
    def long(w: TwoLocks) -> None:
        for _ in range(40):
            with w.a:
                pass

    picture = draw.chart(replay(Scenario(TwoLocks, long), "1x80"))
    assert "… 20 more …" in str(picture)
    assert len(str(picture).split("\n")) == 1 + 50 + 1 + 10
    assert ">50</text>" in picture.svg
    assert ">51</text>" not in picture.svg
    assert ">70</text>" not in picture.svg
    assert ">71</text>" in picture.svg
    assert ">20 operations left out</text>" in picture.svg


def test_a_chart_needs_no_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_placed", None)
    assert "kl-chart" in draw.chart(replay(CROSSED, "1")).svg
