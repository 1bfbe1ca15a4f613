"""Scenarios with what real kernels said to them, as tools/kernel_lockdep/measure.py writes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from kvmlab.lockdep import LockScenario, parse


@dataclass(frozen=True)
class SaidBy:
    kernel: str
    rules: str
    scenario: LockScenario
    expected: dict[str, object]

    def __str__(self) -> str:
        return f"{self.scenario.name} on {self.kernel}"


@dataclass(frozen=True)
class Measured:
    scenario: LockScenario
    said: tuple[SaidBy, ...]


def measured(path: Path) -> list[Measured]:
    """The scenarios of a file, each with what every kernel said to it."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return [
        Measured(scenario, tuple(_said(kernel, scenario, said) for kernel, said in raw["expected"].items()))
        for scenario, raw in zip(parse(data), data["scenarios"], strict=True)
    ]


def _said(kernel: str, scenario: LockScenario, said: dict[str, object]) -> SaidBy:
    return SaidBy(kernel, "6.1" if kernel.startswith("6.1.") else "6.12", scenario, {"name": scenario.name, **said})
