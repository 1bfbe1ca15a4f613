"""The two blind spots of 6.12, each on its own."""

from __future__ import annotations

import pytest
from lockdep_histories import inside, play

from kvmlab.lockdep import Rules

SRCU = {"a": "srcu"}
X_A = inside("lock x", "read_lock a")
A_Y = inside("read_lock a", "lock y")
X_Z = inside("lock x", "lock z")
Z_Y = inside("lock z", "lock y")
Y_X = inside("lock y", "lock x")


def test_edge_lost_behind_a_recursive_reader() -> None:
    """x, then an SRCU reader, then y: x -> y is never recorded, so y, x is no circle to 6.12."""
    history = [inside("lock x", "read_lock a", "lock y"), Y_X]
    assert play(*history, kinds=SRCU, linux="6.12").verdict == "silent"
    assert play(*history, kinds=SRCU, linux="complete").cycle == ("x", "y", "x")


@pytest.mark.parametrize("between", ["lock z", "read_lock p", "trylock z"])
def test_edge_is_not_lost_behind_anything_else(between: str) -> None:
    assert play(inside("lock x", between, "lock y"), Y_X, kinds={"p": "percpu_rwsem"}).verdict == "reported"


def test_edge_is_not_lost_when_the_reader_is_outermost() -> None:
    assert play(inside("read_lock a", "lock x", "lock y"), Y_X, kinds=SRCU).verdict == "reported"


def test_same_edges_in_two_orders_get_two_verdicts() -> None:
    """hole2-weak_first and hole2-strong_first (lockdep-measured, section 4): the weak path hides the strong one."""
    weak_first, strong_first = [X_A, A_Y, X_Z, Z_Y, Y_X], [X_Z, Z_Y, X_A, A_Y, Y_X]
    assert play(*weak_first, kinds=SRCU, linux="6.12").verdict == "silent"
    assert play(*strong_first, kinds=SRCU, linux="6.12").verdict == "reported"
    assert play(*weak_first, kinds=SRCU, linux="complete").cycle == ("x", "z", "y", "x")


def test_the_two_blind_spots_are_independent_rules() -> None:
    """Curing one does not cure the other."""
    only_edges = Rules("edges", every_held=True, two_marks=False, srcu_seen=True)
    only_marks = Rules("marks", every_held=False, two_marks=True, srcu_seen=True)
    lost_edge, hidden_path = [inside("lock x", "read_lock a", "lock y"), Y_X], [X_A, A_Y, X_Z, Z_Y, Y_X]
    assert play(*lost_edge, kinds=SRCU, linux=only_edges).verdict == "reported"
    assert play(*lost_edge, kinds=SRCU, linux=only_marks).verdict == "silent"
    assert play(*hidden_path, kinds=SRCU, linux=only_edges).verdict == "silent"
    assert play(*hidden_path, kinds=SRCU, linux=only_marks).verdict == "reported"


def test_a_circle_with_both_is_seen_only_when_both_are_cured() -> None:
    """The shape of the real cpufreq path, shortened: nine kernels, one report (lockdep-measured, section 4).

    The notifier chain's SRCU reader loses the edge hotplug -> kvm_lock; another SRCU domain, the MMU notifiers',
    reaches kvm_srcu weakly before the strong path does.
    """
    history = [
        inside("read_lock hotplug", "read_lock mmu_srcu"),
        inside("read_lock mmu_srcu", "read_lock kvm_srcu"),
        inside("lock slots_lock", "synchronize kvm_srcu"),
        inside("lock kvm_lock", "lock slots_lock"),
        inside("read_lock hotplug", "read_lock chain_srcu", "lock kvm_lock"),
        inside("read_lock kvm_srcu", "read_lock hotplug"),
    ]
    kinds = {"mmu_srcu": "srcu", "kvm_srcu": "srcu", "chain_srcu": "srcu", "hotplug": "percpu_rwsem"}
    verdicts = {
        (edges, marks): play(*history, kinds=kinds, linux=Rules("", edges, marks, srcu_seen=True)).verdict
        for edges in (False, True)
        for marks in (False, True)
    }
    assert verdicts == {
        (False, False): "silent",
        (False, True): "silent",
        (True, False): "silent",
        (True, True): "reported",
    }
