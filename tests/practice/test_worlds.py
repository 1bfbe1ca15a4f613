"""Worlds of the exercises: what they keep for the checks is written by nobody but themselves."""

from __future__ import annotations

from typing import Any

import pytest

from kvmlab.practice.check import checked
from kvmlab.practice.library import answers
from kvmlab.practice.result import Result
from kvmlab.practice.task import task
from kvmlab.practice.worlds import NxHost

PINS = """
from kvmlab.kvm import get_safe, put

def walk(w):
    with w.kvm_lock:
        pinned = [vm for vm in w.vm_list.each() if get_safe(vm)]
    for vm in pinned:
        with vm.slots_lock:
            w.zap(vm)
        put(w, vm)
"""


def result_of(source: str) -> Result:
    names: dict[str, Any] = {}
    exec(source, names)
    return checked(task("09.walk"), names, record=False, seconds=None)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("for vm in w.vms: w.zapped[vm.name].store(True)", id="as one cell for each VM"),
        pytest.param("for vm in w.vms: w.zapped.store((vm.name,))", id="as one cell"),
        pytest.param("type(w).zap = lambda self, vm: None", id="without the work"),
        pytest.param("type(w).all_zapped = lambda self: ('vm0', 'vm1')", id="by another method"),
    ],
)
def test_a_walk_cannot_note_itself_that_a_vm_was_zapped(body: str) -> None:
    assert result_of(f"def walk(w):\n    {body}").outcome == "not yet"


def test_a_method_that_a_walk_replaced_is_back_in_the_next_check() -> None:
    kept = NxHost.zap
    assert result_of("def walk(w):\n    type(w).zap = lambda self, vm: None").outcome == "not yet"
    assert NxHost.zap is kept
    assert result_of(PINS).outcome == "correct"


def test_zap_asks_for_the_lock_and_is_one_operation_more() -> None:
    (one,) = [one for one in answers("09.walk", right=False) if one.name == "forgets_slots_lock"]
    assert "does not" in checked(task("09.walk"), one.namespace(), record=False, seconds=None).reason


def test_a_right_walk_may_look_at_the_list_again_and_again() -> None:
    looks = PINS.replace(
        "def walk(w):\n", "def walk(w):\n    for _ in range(6):\n        with w.kvm_lock:\n"
        "            list(w.vm_list.each())\n",
    )  # fmt: skip
    assert result_of(looks).outcome == "correct"
