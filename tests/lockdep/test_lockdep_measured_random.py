"""Random scenarios, and all orders of five tasks, executed by three real kernels: tools/kernel_lockdep."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lockdep_measured import SaidBy, measured

from kvmlab.lockdep import run

HERE = Path(__file__).parent
FILES = ("mixed", "dense", "blind", "orders")
SAID = [said for style in FILES for one in measured(HERE / f"measured_{style}.json") for said in one.said]


@pytest.mark.parametrize("said", SAID, ids=str)
def test_the_validator_says_what_the_kernel_said(said: SaidBy) -> None:
    assert run(said.scenario, said.rules).data() == said.expected


def test_every_kernel_and_every_kind_of_verdict_is_among_them() -> None:
    assert {said.kernel for said in SAID} == {"6.1.192", "6.12.117", "7.3.4"}
    kinds = Counter(said.expected["kind"] for said in SAID if said.kernel == "6.12.117")
    assert set(kinds) == {
        "DEBUG_LOCKS_WARN_ON(!hlock->nest_lock)",
        "Invalid wait context",
        "Nested lock was not taken",
        "bad unlock balance",
        "possible circular locking",
        "possible recursive locking",
        "still has locks held",
        None,
    }
    assert min(kinds[kind] for kind in ("possible circular locking", "possible recursive locking", None)) > 30


def test_the_blind_spots_are_among_them() -> None:
    """Scenarios that both kernels with SRCU in lockdep leave silent and the complete rules report."""
    silent = [said for said in SAID if said.kernel == "6.12.117" and said.expected["verdict"] == "silent"]
    assert sum(run(said.scenario, "complete").verdict == "reported" for said in silent) > 30


def test_in_the_same_12_of_120_orders_both_are_silent_and_6_1_in_none() -> None:
    orders = measured(HERE / "measured_orders.json")
    assert len(orders) == 120
    silent = [{said.kernel for said in one.said if said.expected["verdict"] == "silent"} for one in orders]
    assert [kernels for kernels in silent if kernels] == [{"6.12.117", "7.3.4"}] * 12
