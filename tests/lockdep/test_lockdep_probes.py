"""The probes of the page "How the kernel facts were measured", and what three real kernels said to them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lockdep_measured import SaidBy, measured

from kvmlab.lockdep import run

ROOT = Path(__file__).parents[2]
PROBES = measured(ROOT / "kvmlab/data/lockdep-probes.json")
SAID = [said for probe in PROBES for said in probe.said]


@pytest.mark.parametrize("said", SAID, ids=str)
def test_the_validator_says_what_the_kernel_said(said: SaidBy) -> None:
    assert run(said.scenario, said.rules).data() == said.expected


def test_on_6_1_a_wait_inside_the_own_reader_is_not_seen_by_lockdep() -> None:
    """There the task hung, so nothing was noted; only the RCU warning is left (facts.md 5.4)."""
    [probe] = [probe for probe in PROBES if probe.scenario.name == "probe 7"]
    assert {said.kernel for said in probe.said} == {"6.12.117", "7.3.4"}
    assert run(probe.scenario, "6.1").kind == "suspicious RCU usage"


@pytest.mark.parametrize("name", ["probe 2", "probe 3", "probe 5", "probe 17"])
def test_complete_rules_report_the_probes_that_only_a_blind_spot_keeps_silent(name: str) -> None:
    [probe] = [probe for probe in PROBES if probe.scenario.name == name]
    assert run(probe.scenario, "complete").verdict == "reported"


def test_the_table_of_the_page_says_what_was_measured() -> None:
    page = (ROOT / "book/how_measured.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| .+ \| (\S+) \| (\S+) \| (\S+) \|$", page, re.MULTILINE)
    word = {"reported": "R", "silent": "–"}
    expected = [
        (
            probe.scenario.name.removeprefix("probe "),
            *(
                next((word[str(said.expected["verdict"])] for said in probe.said if said.kernel == kernel), "hangs")
                for kernel in ("6.1.192", "6.12.117", "7.3.4")
            ),
        )
        for probe in PROBES
    ]
    assert rows == expected
