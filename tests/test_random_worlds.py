"""The searches against brute force: thousands of random programs over the kernel's primitives.

The oracles (`tests/oracles/brute.py`) run every schedule of the program for real and merge nothing, or nothing but
equal states; they share no code with either search.
"""

from __future__ import annotations

import pytest

from kvmlab import explore, replay, run
from kvmlab.states import StateSpace
from tests.oracles.brute import TooMany, dead_states, every_schedule, every_state, failures, waits
from tests.oracles.programs import larger_program, program

BLOCK = 100
SMALL = range(0, 2600, BLOCK)
LARGE = range(0, 120, 10)


@pytest.mark.parametrize("first", SMALL)
def test_both_searches_find_what_running_every_schedule_finds(first: int) -> None:
    """Verdict, dead states, failures, the number of schedules and the number of classes, on a hundred programs."""
    compared = 0
    for seed in range(first, first + BLOCK):
        one = program(seed)
        try:
            truth = every_schedule(one.scenario, limit=700)
        except TooMany:
            continue
        compared += 1
        by_states = explore(one.scenario, by="states")
        assert by_states.verdict == truth.verdict, one
        assert by_states.schedules == truth.schedules, one
        assert by_states.deadlocked == truth.deadlocked, one
        assert dead_states(StateSpace(one.scenario, 100_000)) == truth.dead, one
        assert waits(by_states) == truth.waits, one
        assert failures(by_states) == truth.failures, one

        by_traces = explore(one.scenario, by="traces")
        assert by_traces.verdict == truth.verdict, one
        assert waits(by_traces) == truth.waits, one
        assert failures(by_traces) == truth.failures, one
        going_on = every_schedule(one.scenario, go_on=True) if truth.failures else truth
        assert by_traces.classes == len(going_on.classes), one

        for deadlock in (*by_states.deadlocks, *by_traces.deadlocks):
            assert replay(one.scenario, deadlock.replay).deadlock == deadlock, one
            assert run(one.scenario, deadlock.schedule).deadlock == deadlock, one
    assert compared > 0.95 * BLOCK


@pytest.mark.parametrize("first", LARGE)
def test_the_state_search_finds_what_a_search_that_merges_histories_finds(first: int) -> None:
    """The same on larger programs, with the number of states."""
    for seed in range(first, first + 10):
        one = larger_program(seed)
        truth, states = every_state(one.scenario)
        found = explore(one.scenario, by="states")
        assert found.verdict == truth.verdict, one
        assert (found.states, found.schedules, found.deadlocked) == (states, truth.schedules, truth.deadlocked), one
        assert dead_states(StateSpace(one.scenario, 100_000)) == truth.dead, one
        assert failures(found) == truth.failures, one
        by_traces = explore(one.scenario, by="traces")
        assert by_traces.verdict == truth.verdict, one
        assert waits(by_traces) == truth.waits, one
        assert failures(by_traces) == truth.failures, one


@pytest.mark.parametrize("seed", range(60))
def test_the_two_oracles_agree(seed: int) -> None:
    """Merging equal states changes nothing."""
    one = program(seed)
    everything, (merged, _) = every_schedule(one.scenario), every_state(one.scenario)
    assert merged.dead == everything.dead, one
    assert merged.failures == everything.failures, one
    assert (merged.schedules, merged.deadlocked) == (everything.schedules, everything.deadlocked), one


def test_the_random_programs_are_worth_comparing() -> None:
    """Deadlocks, failures and proofs are all common, and so are programs with many schedules."""
    verdicts = [explore(program(seed).scenario) for seed in range(400)]
    share = {name: sum(one.verdict == name for one in verdicts) / 400 for name in ("deadlock", "failed", "proven")}
    assert min(share.values()) > 0.15, share
    assert sum((one.schedules or 0) > 20 for one in verdicts) > 150
    assert sum(len(one.deadlocks) > 1 for one in verdicts) > 5
