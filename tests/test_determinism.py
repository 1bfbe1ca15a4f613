"""The same text for every run, hash seed and order of dicts: notebooks are compared strictly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kvmlab import explore
from tests.oracles.programs import program
from tests.oracles.worlds import CONFIGURATIONS

ROOT = Path(__file__).parents[1]
PROGRAM = """
from kvmlab import *
from tests.oracles.programs import larger_program, program
from tests.oracles.worlds import CONFIGURATIONS
for name, scenario in CONFIGURATIONS.items():
    print(name, explore(scenario))
    graph = state_graph(scenario)
    print(graph.places, graph.meanings, graph.parents[:100])
for seed in range(40):
    for one in (program(seed), larger_program(seed)):
        found = explore(one.scenario)
        print(found, explore(one.scenario, by="traces"))
        for deadlock in found.deadlocks:
            print(run(one.scenario, deadlock.schedule), replay(one.scenario, deadlock.replay))

class Odd:
    def __init__(self):
        self.locks = {name: Mutex() for name in ("b", "a", "c")}
        self.hidden = {Mutex(), Mutex()}
        self.plain = {"x", "y", "z"}

def takes(w):
    for name in sorted(w.locks):
        with w.locks[name]:
            w.plain.add(name)

def takes_backwards(w):
    for name in sorted(w.locks, reverse=True):
        w.locks[name].lock()
    for name in w.locks:
        w.locks[name].unlock()

print(explore(Scenario(Odd, takes, takes_backwards)))
print(explore(Scenario(Odd, takes_backwards, takes_backwards)))
"""


def text(seed: str) -> str:
    """What `PROGRAM` prints in a process with this hash seed."""
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_text_of_every_exploration_is_the_same_under_every_hash_seed() -> None:
    first = text("0")
    assert first.count("\n") > 800
    assert " at 0x" not in first
    assert text("1") == first
    assert text("2") == first


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_twice_in_one_process_gives_the_same_text(name: str) -> None:
    assert str(explore(CONFIGURATIONS[name])) == str(explore(CONFIGURATIONS[name]))


def test_what_was_explored_before_does_not_matter() -> None:
    first = [str(explore(program(seed).scenario)) for seed in range(30)]
    assert [str(explore(program(seed).scenario)) for seed in reversed(range(30))] == first[::-1]
