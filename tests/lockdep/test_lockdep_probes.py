"""The probe table of facts.md section 11: the same seventeen histories on a real 6.1 and a real 6.12."""

from __future__ import annotations

import pytest
from lockdep_histories import inside, play

KINDS = {"hotplug": "percpu_rwsem", "srcu": "srcu", "notifier": "srcu", "s": "srcu", "t": "srcu", "rcu": "rcu"}
SPIN = {"spin_a": "spin", "spin_b": "spin"}

MEM = inside("lock slots_lock", "synchronize srcu")
NX = inside("lock kvm_lock", "lock slots_lock")
NX_FIXED = "lock kvm_lock, unlock kvm_lock, lock slots_lock, unlock slots_lock"
FREQ = inside("read_lock hotplug", "lock kvm_lock")
FREQ_W = inside("lock hotplug", "lock kvm_lock")
FREQ_NOTIFIER = inside("read_lock hotplug", "read_lock notifier", "lock kvm_lock")
FREQ_W_NOTIFIER = inside("lock hotplug", "read_lock notifier", "lock kvm_lock")
VCPU = inside("read_lock srcu", "read_lock hotplug")
MEM_NO_SYNC = inside("lock slots_lock")

R, silent = "reported", "silent"
PROBES = {
    "1 seed chain, hotplug(read) to kvm_lock direct": ([MEM, NX, FREQ, VCPU], silent, R),
    "2 through an SRCU notifier reader, hotplug(read)": ([MEM, NX, FREQ_NOTIFIER, VCPU], silent, silent),
    "3 through an SRCU notifier reader, hotplug(write)": ([MEM, NX, FREQ_W_NOTIFIER, VCPU], silent, silent),
    "4 as 1, rule applied": ([MEM, NX_FIXED, FREQ, VCPU], silent, silent),
    "5 mutex A, SRCU reader, mutex B; B, A": (
        [inside("lock a", "read_lock s", "lock b"), inside("lock b", "lock a")],
        R,
        silent,
    ),
    "6 spin A, RCU reader, spin B; B, A": (
        [inside("lock spin_a", "read_lock rcu", "lock spin_b"), inside("lock spin_b", "lock spin_a")],
        R,
        R,
    ),
    "8 percpu read twice": ([inside("read_lock hotplug", "read_lock hotplug")], R, R),
    "9 A, trylock B; B, A": ([inside("lock a", "trylock b"), inside("lock b", "lock a")], silent, silent),
    "10 SRCU readers nested both ways": (
        [inside("read_lock s", "read_lock t"), inside("read_lock t", "read_lock s")],
        silent,
        silent,
    ),
    "11 seed chain, hotplug(write) to kvm_lock direct": ([MEM, NX, FREQ_W, VCPU], silent, R),
    "12 slots_lock held over sync; reader takes slots_lock": (
        [MEM, inside("read_lock srcu", "lock slots_lock")],
        silent,
        R,
    ),
    "13 percpu read, mutex; mutex, percpu read": (
        [inside("read_lock hotplug", "lock a"), inside("lock a", "read_lock hotplug")],
        R,
        R,
    ),
    "14 as 1 without the synchronize": ([MEM_NO_SYNC, NX, FREQ, VCPU], silent, silent),
    "15 two instances of one class nested": ([inside("lock x1", "lock x2")], R, R),
    "16 same with mutex_lock_nested": ([inside("lock x1", "lock_nested x2 1")], silent, silent),
    "17 A, B; B, SRCU reader, A": ([inside("lock a", "lock b"), inside("lock b", "read_lock s", "lock a")], R, silent),
}


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("linux", ["6.1", "6.12"])
def test_probe(probe: str, linux: str) -> None:
    steps, on_6_1, on_6_12 = PROBES[probe]
    outcome = play(*steps, linux=linux, kinds=KINDS | SPIN, classes={"x1": "x", "x2": "x"})
    assert outcome.verdict == (on_6_1 if linux == "6.1" else on_6_12)


def test_probe_7_sync_inside_own_reader() -> None:
    """Not applicable on 6.1, which has no annotation: there only the RCU warning is left (facts.md 5.4)."""
    step = inside("read_lock s", "synchronize s")
    assert play(step, linux="6.12", kinds=KINDS).kind == "possible recursive locking"
    assert play(step, linux="6.1", kinds=KINDS).kind == "suspicious RCU usage"


@pytest.mark.parametrize("probe", ["2", "3", "5", "17"])
def test_complete_rules_report_the_probes_that_only_a_blind_spot_keeps_silent(probe: str) -> None:
    steps = next(steps for name, (steps, *_) in PROBES.items() if name.split()[0] == probe)
    assert play(*steps, linux="complete", kinds=KINDS).verdict == "reported"
