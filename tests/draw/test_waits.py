"""The wait-for graph: who holds what, who waits for what, and the circle."""

from __future__ import annotations

from textwrap import dedent

import pytest

from kvmlab import Completion, Mutex, Scenario, ScenarioError, draw, explore, replay, run
from kvmlab.draw.diagram import Edge, Node
from kvmlab.draw.story import retell
from kvmlab.draw.wait_for import _edges
from kvmlab.verdict import Schedule
from tests.draw.worlds import (
    BY_THE_RULE,
    CIRCLE,
    CROSSED,
    Hotplug,
    TwoLocks,
    World,
    again,
    reads,
    reads_and_synchronizes,
    reads_twice,
    synchronizes,
    vcpu_run,
    writes,
)


def text(block: str) -> str:
    return dedent(block).strip("\n")


def test_the_circle_of_five_tasks_reads_as_ten_sentences() -> None:
    assert str(draw.waits(explore(CIRCLE))) == text("""
        World, after 7 operations: deadlock, 5 tasks wait in a circle.
          set_memory_region  waits for a grace period of    srcu
          srcu               has a reader inside:           vcpu_run
          vcpu_run           waits to read                  cpu_hotplug_lock
          cpu_hotplug_lock   has its block flag set by      cpu_hotplug
          cpu_hotplug        waits until the readers leave  cpu_hotplug_lock
          cpu_hotplug_lock   is read-held by                cpufreq_notifier
          cpufreq_notifier   waits for                      kvm_lock
          kvm_lock           is held by                     set_nx_huge_pages
          set_nx_huge_pages  waits for                      slots_lock
          slots_lock         is held by                     set_memory_region
    """)


def test_reader_and_pending_writer_are_told_apart_in_the_drawing() -> None:
    svg = draw.waits(explore(CIRCLE)).svg
    for words in ("read-held by", "block flag", "set by", "waits until its", "readers leave", "waits to read"):
        assert f">{words}</text>" in svg


def test_tasks_locks_holds_waits_and_the_circle_have_their_classes() -> None:
    svg = draw.waits(explore(CIRCLE)).svg
    assert svg.count('class="kl-task"') == 5
    assert svg.count('class="kl-lock"') == 4
    assert svg.count('class="kl-hold kl-cycle"') == 4
    assert svg.count('class="kl-kept kl-cycle"') == 1, "the writer only waits"
    assert svg.count('class="kl-wait kl-cycle"') == 5
    assert svg.count("stroke-dasharray") == 6


def test_every_edge_of_the_circle_leads_to_the_next() -> None:
    moment = retell(explore(CIRCLE)).end
    edges = _edges(moment, ["set_memory_region", "vcpu_run", "cpu_hotplug", "cpufreq_notifier", "set_nx_huge_pages"])
    assert len(edges) == 10
    assert all(edge.cycle for edge in edges)
    assert [edge.head for edge in edges] == [edge.tail for edge in [*edges[1:], edges[0]]]
    assert [edge.kind for edge in edges] == ["wait", "hold", "wait", "kept"] + ["wait", "hold"] * 3


def test_an_exploration_a_deadlock_its_schedule_and_a_live_run_draw_the_same() -> None:
    found = explore(CROSSED)
    [deadlock] = found.deadlocks
    drawn = draw.waits(found).svg
    assert draw.waits(deadlock).svg == drawn
    assert draw.waits(deadlock.schedule).svg == drawn
    assert draw.waits(replay(CROSSED, deadlock.replay)).svg == drawn
    live = run(Scenario(TwoLocks, again))
    assert str(draw.waits(live)) == str(draw.waits(explore(Scenario(TwoLocks, again))))


def test_the_arrows_after_the_first_operations() -> None:
    picture = draw.waits(replay(CIRCLE, "1-2-3-4-5"))
    assert str(picture) == text("""
        World, after 5 operations: 3 tasks wait.
          kvm_lock           is held by                     set_nx_huge_pages
          slots_lock         is held by                     set_memory_region
          srcu               has a reader inside:           vcpu_run
          cpu_hotplug_lock   is read-held by                cpufreq_notifier
          cpu_hotplug_lock   has its block flag set by      cpu_hotplug
          set_nx_huge_pages  waits for                      slots_lock
          cpufreq_notifier   waits for                      kvm_lock
          cpu_hotplug        waits until the readers leave  cpu_hotplug_lock
        Can go on: set_memory_region, vcpu_run.
    """)
    assert "kl-cycle" not in picture.svg


def test_nothing_to_draw_yet() -> None:
    picture = draw.waits(replay(CROSSED, ""))
    assert str(picture) == "TwoLocks, after 0 operations: nobody waits.\nCan go on: ab, ba."
    assert "<svg" in picture.svg


def test_a_task_that_waits_for_itself() -> None:
    assert str(draw.waits(explore(Scenario(TwoLocks, again)))) == text("""
        TwoLocks, after 1 operation: deadlock, 1 task waits for itself.
          again  waits for   a
          a      is held by  again
    """)


def test_a_task_beside_the_circle() -> None:
    def late(w: TwoLocks) -> None:
        with w.a:
            pass

    picture = draw.waits(replay(Scenario(TwoLocks, again, late), "1"))
    assert str(picture) == text("""
        TwoLocks, after 1 operation: deadlock, 2 tasks wait, one of them for itself.
          again  waits for   a
          a      is held by  again
        Besides:
          late  waits for  a
    """)
    assert picture.svg.count("kl-cycle") == 2


def test_a_recursive_reader_and_a_writer() -> None:
    assert str(draw.waits(explore(Scenario(Hotplug, reads_twice, writes)))) == text("""
        Hotplug, after 3 operations: deadlock, 2 tasks wait in a circle.
          reads_twice       waits to read                  cpu_hotplug_lock
          cpu_hotplug_lock  has its block flag set by      writes
          writes            waits until the readers leave  cpu_hotplug_lock
          cpu_hotplug_lock  is read-held by                reads_twice
    """)


def test_a_reader_that_synchronizes_is_a_reader_to_itself_and_a_synchronizer_to_others() -> None:
    assert str(draw.waits(explore(Scenario(Hotplug, reads_and_synchronizes, synchronizes)))) == text("""
        Hotplug, after 2 operations: deadlock, 2 tasks wait, one of them for itself.
          reads_and_synchronizes  waits for a grace period of  srcu
          srcu                    has a reader inside:         reads_and_synchronizes
        Besides:
          srcu          has its grace period run by  reads_and_synchronizes
          synchronizes  waits to synchronize         srcu
    """)


def test_a_writer_in_the_queue_is_named_to_those_behind_it() -> None:
    scenario = Scenario(Hotplug, reads, writes, writes, reads)
    picture = draw.waits(replay(scenario, "1-2-3-4"))
    assert "cpu_hotplug_lock  has queued first:              writes 2" in str(picture)
    assert "reads 2           waits to read                  cpu_hotplug_lock" in str(picture)


def test_a_completion_that_nobody_is_left_to_complete() -> None:
    class Waiting:
        def __init__(self) -> None:
            self.done = Completion()
            self.kvm_lock = Mutex()

    def waiter(w: Waiting) -> None:
        with w.kvm_lock:
            w.done.wait()

    def completer(w: Waiting) -> None:
        with w.kvm_lock:
            w.done.complete()

    picture = draw.waits(explore(Scenario(Waiting, waiter, completer)))
    assert str(picture) == text("""
        Waiting, after 1 operation: deadlock, 2 tasks wait and nobody is left to end it.
          kvm_lock   is held by               waiter
          waiter     waits for completion of  done
          done       is left to               nobody
          completer  waits for                kvm_lock
    """)
    assert 'class="kl-nobody"' in picture.svg


def test_a_task_and_a_lock_of_one_name_are_two_nodes() -> None:
    class Same:
        def __init__(self) -> None:
            self.a = Mutex()

    def a(w: Same) -> None:
        with w.a, w.a:
            pass

    svg = draw.waits(explore(Scenario(Same, a))).svg
    assert svg.count('class="kl-task"') == svg.count('class="kl-lock"') == 1


def test_two_readers_in_the_circle_at_once() -> None:
    twice = Scenario(World, *CIRCLE.tasks, vcpu_run)
    picture = draw.waits(explore(twice).deadlocks[0])
    assert "5 of them in a circle" in str(picture)
    assert picture.svg.count("kl-cycle") == 10


@pytest.mark.parametrize("told", [3, "1-2", None, CIRCLE])
def test_what_has_no_schedule_is_refused(told: object) -> None:
    with pytest.raises(ScenarioError, match=r"to draw, give what explore\(\), run\(\) or replay\(\) returned"):
        draw.waits(told)  # type: ignore[arg-type]


def test_a_proof_has_no_deadlock_to_draw() -> None:
    with pytest.raises(ScenarioError, match="World is proven: there is no deadlock or failure to draw"):
        draw.waits(explore(BY_THE_RULE))


def test_a_schedule_of_no_scenario_is_refused() -> None:
    with pytest.raises(ScenarioError, match="this schedule cannot be repeated, so it cannot be drawn"):
        draw.waits(Schedule([], ""))


def test_a_schedule_that_is_not_repeated_is_refused() -> None:
    turns = [0]

    def fickle(w: TwoLocks) -> None:
        turns[0] += 1
        with w.a if turns[0] == 1 else w.b:
            pass

    once = replay(Scenario(TwoLocks, fickle), "1")
    with pytest.raises(ScenarioError, match=r"does not come to operation 1, lock\(a\) of fickle"):
        draw.waits(once)


def test_edges_are_values() -> None:
    words = _edges(retell(explore(CROSSED)).end, ["ab", "ba"])[0].words
    assert _edges(retell(explore(CROSSED)).end, ["ab", "ba"])[0] == Edge(
        Node("ab", "task"), Node("b", "lock"), "wait", words, True
    )
