"""Explore every schedule of small locking programs.

Everything that a reader of *Nothing Under kvm_lock* uses is here::

    from kvmlab import Mutex, Scenario, explore
"""

from kvmlab.errors import LockError, ScenarioError
from kvmlab.explore import explore
from kvmlab.graph import state_graph
from kvmlab.live import run
from kvmlab.lockdep import lockdep
from kvmlab.primitives import (
    SRCU,
    Completion,
    Mutex,
    PercpuRwsem,
    ReaderPreferringRwsem,
    Refcount,
    Shared,
    SpinLock,
)
from kvmlab.replay import replay
from kvmlab.scenario import Scenario
from kvmlab.stepper import step

__all__ = [
    "SRCU",
    "Completion",
    "LockError",
    "Mutex",
    "PercpuRwsem",
    "ReaderPreferringRwsem",
    "Refcount",
    "Scenario",
    "ScenarioError",
    "Shared",
    "SpinLock",
    "explore",
    "lockdep",
    "replay",
    "run",
    "state_graph",
    "step",
]
