"""The search for a path says at once that there is none where one of the two ends is near."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from lockdep_histories import inside, play
from test_lockdep_superset import history

from kvmlab.lockdep import Edge, Graph, Validator, search
from kvmlab.lockdep.classes import LockClass


def said(linux: str, seed: int) -> tuple[str, str]:
    """All that a validator says to a random history, and its graph."""
    validator = Validator(linux)
    for call in history(Random(seed)):
        call(validator)
    return f"{validator.report} {validator.warnings}", str(validator.graph)


@pytest.mark.parametrize("linux", ["6.12", "complete"])
def test_the_shortcut_changes_no_answer(linux: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blind spots included."""
    quick = [said(linux, seed) for seed in range(1_000)]
    assert len(set(quick)) > 500
    looks: Counter[bool] = Counter()
    shortcut = search._leads
    monkeypatch.setattr(search, "_leads", lambda *ends: looks.update([shortcut(*ends)]) or True)
    assert [said(linux, seed) for seed in range(1_000)] == quick
    assert min(looks[True], looks[False]) > 100


@pytest.mark.parametrize("linux", ["6.12", "complete"])
@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("order", [1, -1])
def test_a_long_chain_is_not_walked_for_every_new_dependency(
    linux: str, depth: int, order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[LockClass] = []

    def after(graph: Graph, outer: LockClass) -> Iterator[Edge]:
        looked.append(outer)
        return iter(graph._after.get(outer, {}).values())

    monkeypatch.setattr(Graph, "after", after)
    steps = [inside(*(f"lock l{number + more}" for more in range(depth))) for number in range(200)]
    assert play(*steps[::order], linux=linux).verdict == "silent"
    assert len(looked) < 200 * depth * 4
