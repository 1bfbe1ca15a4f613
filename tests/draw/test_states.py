"""The state graph: small ones whole, large ones along the way to a deadlock."""

from __future__ import annotations

from textwrap import dedent

import pytest

from kvmlab import Scenario, ScenarioError, draw, explore, state_graph
from tests.draw.worlds import BY_THE_RULE, CIRCLE, CROSSED, TwoLocks, ab, ba


def text(block: str) -> str:
    return dedent(block).strip("\n")


def test_two_locks_in_two_orders_are_drawn_whole() -> None:
    picture = draw.states(state_graph(CROSSED))
    assert picture.svg.count('class="kl-state ') == 19
    assert picture.svg.count('class="kl-move ') == 22
    assert picture.svg.count('class="kl-state kl-dead"') == 1
    assert picture.svg.count('class="kl-state kl-done"') == 1
    assert picture.svg.count('stroke-width="3"') == 2  # the shortest way to the deadlock
    assert str(picture).startswith(
        text("""
            19 states, 22 moves; 1 dead, 1 done.
            A state counts the operations done by ab, ba.
              0·0  ab  lock(a)    →  1·0
              0·0  ba  lock(b)    →  0·1
              1·0  ab  lock(b)    →  2·0
              1·0  ba  lock(b)    →  1·1  deadlock
              0·1  ab  lock(a)    →  1·1  deadlock
        """)
    )


def test_of_the_circle_the_way_to_the_deadlock_and_what_branches_off() -> None:
    picture = draw.states(state_graph(CIRCLE))
    assert str(picture) == text("""
        4,126 states, 11,687 moves; 1 dead, 8 done.
        A state counts the operations done by set_memory_region, set_nx_huge_pages, vcpu_run, cpufreq_notifier, cpu_hotplug.
        A shortest way to a deadlock:
          0·0·0·0·0  set_memory_region  lock(slots_lock)              →  1·0·0·0·0
          1·0·0·0·0  set_nx_huge_pages  lock(kvm_lock)                →  1·1·0·0·0
          1·1·0·0·0  vcpu_run           srcu_read_lock(srcu)          →  1·1·1·0·0
          1·1·1·0·0  set_memory_region  synchronize_srcu(srcu)        →  2·1·1·0·0
          2·1·1·0·0  cpufreq_notifier   read_lock(cpu_hotplug_lock)   →  2·1·1·1·0
          2·1·1·1·0  cpu_hotplug        write_lock(cpu_hotplug_lock)  →  2·1·1·1·1  doomed
          2·1·1·1·1  vcpu_run           read_lock(cpu_hotplug_lock)   →  2·1·2·1·1  deadlock
    """)  # noqa: E501
    assert picture.svg.count('class="kl-state ') == 25
    assert picture.svg.count('class="kl-state kl-doomed"') == 1
    assert "25 of 4,126 states" in picture.svg
    assert "stroke-dasharray" in picture.svg


def test_without_a_deadlock_the_way_leads_to_an_end_and_is_not_thick() -> None:
    picture = draw.states(state_graph(BY_THE_RULE))
    assert "A shortest way to an end:" in str(picture)
    assert 'stroke-width="3"' not in picture.svg


def test_a_failure_is_marked() -> None:
    def wrong(w: TwoLocks) -> None:
        with w.a:
            w.b.unlock()

    picture = draw.states(Scenario(TwoLocks, wrong, ab))
    assert "kl-state kl-failed" in picture.svg
    assert "failed" in str(picture)


def test_a_larger_graph_has_no_numbers_on_its_arrows() -> None:
    def thrice(w: TwoLocks) -> None:
        for _ in range(3):
            with w.a:
                pass

    small, large = draw.states(CROSSED).svg, draw.states(Scenario(TwoLocks, thrice, thrice, ba)).svg
    assert "at an arrow: the task that moves" in small
    assert "at an arrow: the task that moves" not in large
    assert 'class="kl-state ' in large


def test_a_scenario_will_do_and_anything_else_is_refused() -> None:
    assert str(draw.states(CROSSED)) == str(draw.states(state_graph(CROSSED)))
    with pytest.raises(ScenarioError, match="states draws what state_graph"):
        draw.states(3)  # type: ignore[arg-type]
    with pytest.raises(ScenarioError, match=r"or a scenario, not an Exploration$"):
        draw.states(explore(CROSSED))  # type: ignore[arg-type]
