"""What went wrong in the failed states of a graph, in the words of a replay."""

from __future__ import annotations

from kvmlab.graph import StateGraph
from kvmlab.replay import replay
from kvmlab.scenario import Scenario
from kvmlab.verdict import replay_string

MOST = 100
"""How many failed states are replayed; beyond that none is, so that a page stays small and quick to make."""


def faults(scenario: Scenario, graph: StateGraph) -> dict[int, str]:
    """By failed state: what went wrong there, after a shortest schedule that leads to it."""
    failed = [state for state, kind in enumerate(graph.kinds) if kind == "failed"]
    if len(failed) > MOST:
        return {}
    runs = ((state, replay(scenario, replay_string(graph.way_to(state)))) for state in failed)
    return {state: run.failures[0].message for state, run in runs if run.failures}
