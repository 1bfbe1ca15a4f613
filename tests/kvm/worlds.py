"""What the tests of the simulated KVM share: worlds, and a way to explore that prints what it cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from kvmlab import Scenario, Shared, explore
from kvmlab.kvm import KvmWorld, close_vm_fd, get
from kvmlab.verdict import Exploration

TwoVMs = partial(KvmWorld, vms=2)
NoVM = partial(KvmWorld, vms=0)

close_vm0 = partial(close_vm_fd, vm=0)
close_vm1 = partial(close_vm_fd, vm=1)

STATES = 60_000
"""No scenario of these tests needs more: each takes well under two seconds."""


class TwoReferences(KvmWorld):
    """One VM; its file and somebody else own a reference each."""

    def __init__(self) -> None:
        super().__init__()
        get(self.vms[0])


class WithFlag(KvmWorld):
    """A world with a flag, without VMs."""

    def __init__(self) -> None:
        super().__init__(vms=0)
        self.flag = Shared(False)


def explored(world: Callable[[], Any], *tasks: Callable[[Any], object], by: str | None = "states") -> Exploration:
    """Explore every schedule; print verdict, size and time (``pytest -s`` shows it)."""
    scenario = Scenario(world, *tasks)
    before = time.process_time()
    found = explore(scenario, by, max_states=STATES)
    spent = time.process_time() - before
    size = f"{found.states:,} states" if found.states is not None else f"{found.runs:,} runs"
    print(f"{found.verdict:9} {size:>14} {spent:5.2f} s  {scenario.name}: {', '.join(scenario.task_names)}")
    assert found.unfinished is None
    return found


def only_failure(found: Exploration) -> str:
    """The message of the one failure."""
    assert found.verdict == "failed", found
    (failure,) = found.failures
    return failure.message
