"""Every scenario that a real 6.12.117 kernel was booted for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kvmlab.lockdep import Outcome, parse, run

DATA = json.loads((Path(__file__).parents[2] / "kvmlab/data/lockdep-scenarios.json").read_text(encoding="utf-8"))
SCENARIOS = {scenario.name: scenario for scenario in parse(DATA)}
EXPECTED = {raw["name"]: raw["expected"] for raw in DATA["scenarios"]}

# On the experimental kernel with neither blind spot these changed and no others (lockdep-measured, section 4).
BLIND_SPOTS = {
    "hole-srcu_between": 8,
    "hole-srcu_between_rev": 7,
    "hole-seed_Csr": 4,
    "hole-seed_Csr_order2": 4,
    "hole-srcu_between_then_sync": 8,
}


def said(outcome: Outcome) -> dict[str, object]:
    return {field: value for field, value in outcome.data().items() if field != "name"}


def test_there_are_94_scenarios() -> None:
    assert len(SCENARIOS) == 94


@pytest.mark.parametrize("name", SCENARIOS)
def test_verdict_step_kind_and_cycle_are_those_of_the_real_kernel(name: str) -> None:
    expected = {field: EXPECTED[name][field] for field in ("verdict", "step", "kind", "cycle")}
    assert said(run(SCENARIOS[name], "6.12")) == expected


@pytest.mark.parametrize("name", SCENARIOS)
def test_complete_rules_change_the_verdict_of_the_blind_spots_only(name: str) -> None:
    outcome = run(SCENARIOS[name], "complete")
    if name in BLIND_SPOTS:
        assert (outcome.verdict, outcome.step) == ("reported", BLIND_SPOTS[name])
    else:
        assert (outcome.verdict, outcome.step) == (EXPECTED[name]["verdict"], EXPECTED[name]["step"])


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name.startswith("ord-")])
def test_on_6_1_the_circle_is_silent_in_every_order(name: str) -> None:
    assert run(SCENARIOS[name], "6.1").verdict == "silent"


@pytest.mark.parametrize(
    ("last", "asked", "held", "chain", "chain_exists", "table"),
    [
        (
            "A",
            "kvm->srcu",
            "kvm->slots_lock",
            ["kvm->slots_lock", "kvm_lock", "cpu_hotplug_lock", "kvm->srcu"],
            ("kvm->srcu", "kvm_lock", "kvm->slots_lock"),
            ["0 lock kvm->slots_lock", "1 lock kvm_lock", "1 lock kvm->slots_lock", "0 sync kvm->srcu"],
        ),
        (
            "B",
            "kvm->slots_lock",
            "kvm_lock",
            ["kvm_lock", "cpu_hotplug_lock", "kvm->srcu", "kvm->slots_lock"],
            ("kvm->slots_lock", "cpu_hotplug_lock", "kvm_lock"),
            ["0 lock kvm_lock", "1 lock cpu_hotplug_lock", "1 lock kvm_lock", "0 lock kvm->slots_lock"],
        ),
        (
            "C",
            "kvm_lock",
            "cpu_hotplug_lock",
            ["cpu_hotplug_lock", "kvm->srcu", "kvm->slots_lock", "kvm_lock"],
            ("kvm_lock", "kvm->srcu", "cpu_hotplug_lock"),
            ["0 rlock cpu_hotplug_lock", "1 lock kvm->srcu", "1 lock cpu_hotplug_lock", "0 lock kvm_lock"],
        ),
        (
            "D",
            "cpu_hotplug_lock",
            "kvm->srcu",
            ["kvm->srcu", "kvm->slots_lock", "kvm_lock", "cpu_hotplug_lock"],
            ("cpu_hotplug_lock", "kvm->slots_lock", "kvm->srcu"),
            ["0 rlock kvm->srcu", "1 lock kvm->slots_lock", "1 lock kvm->srcu", "0 rlock cpu_hotplug_lock"],
        ),
    ],
    ids=["memslot last", "nx last", "cpufreq last", "KVM_RUN last"],
)
def test_the_report_has_the_parts_of_the_real_one_and_depends_on_the_last_path_only(
    last: str, asked: str, held: str, chain: list[str], chain_exists: tuple[str, str, str], table: list[str]
) -> None:
    """The table of lockdep-measured, section 2, for every order that was booted."""
    orders = [s for s in SCENARIOS.values() if s.name.startswith("ord-") and s.steps[-1].name == last]
    assert orders
    for scenario in orders:
        report = run(scenario, "6.12").report
        assert report is not None
        assert report.held is not None
        assert (report.requested.cls, report.held.cls) == (asked, held)
        assert [link.cls for link in report.chain] == chain
        assert [link.number for link in report.chain] == [3, 2, 1, 0]
        assert report.chain_exists == chain_exists
        assert [f"{line.cpu} {line.verb} {line.cls}" for line in report.scenario] == table
        assert [mention.cls for mention in report.locks_held] == [held]
