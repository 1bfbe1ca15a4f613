"""The same text for every hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from kvmlab.cli.lockdep import main
main([sys.argv[1], "--linux", sys.argv[2]])
"""


def text(seed: int, linux: str) -> str:
    data = str(ROOT / "kvmlab/data/lockdep-scenarios.json")
    environment = os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM, data, linux]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("linux", ["6.12", "6.1", "complete"])
def test_all_reports_are_the_same_text_under_every_hash_seed(linux: str) -> None:
    first = text(0, linux)
    assert first.count("\n") > 500
    assert text(1, linux) == first
    assert text(2, linux) == first
