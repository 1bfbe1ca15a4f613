"""Lock classes of a world: what is one class, and what it is called."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from kvmlab import Mutex, Scenario, lockdep, threading
from kvmlab.kvm import KvmWorld, create_vm, set_memory_region
from kvmlab.lockdep import LockdepMap
from kvmlab.lockdep.places import places
from kvmlab.world import Home


def classes(world: Any) -> dict[str, str]:
    """Class names by instance."""
    made, home = Scenario(world, lambda w: None).fresh()
    return {thing.label: place.class_name for thing, place in places(made, home).items()}


def test_a_lock_of_the_world_is_a_class_of_its_own_a_part_of_a_struct_is_not() -> None:
    found = classes(partial(KvmWorld, 2))
    assert found["kvm_lock"] == "kvm_lock"
    assert found["vm0.slots_lock"] == found["vm1.slots_lock"] == "&vm->slots_lock"
    assert found["vm0.srcu"] == found["vm1.srcu"] == "&vm->srcu"


def test_a_lock_that_is_kept_twice_is_where_the_world_has_it() -> None:
    """Every static key knows the hotplug lock."""
    assert classes(KvmWorld)["cpu_hotplug_lock"] == "cpu_hotplug_lock"


def test_a_part_of_a_primitive_belongs_to_the_place_of_the_primitive() -> None:
    """Two notifier chains have two SRCU domains of two classes, as in the kernel."""
    assert classes(KvmWorld)["cpufreq_chain.srcu"] == "cpufreq_chain.srcu"


def test_the_locks_of_one_list_or_dict_are_one_class() -> None:
    found = classes(lambda: SimpleNamespace(forks=[Mutex(), Mutex()], by_name={"a": Mutex(), "b": Mutex()}))
    assert found["forks[0]"] == found["forks[1]"] == "&forks[i]"
    assert found["by_name['a']"] == found["by_name['b']"] == "&by_name[i]"


def test_two_structs_with_one_name_are_two_classes() -> None:
    def make() -> type:
        class Part:
            def __init__(self) -> None:
                self.lock = Mutex()

        return Part

    one, other = make(), make()

    def task(w: Any) -> None:
        with w.one.lock, w.other.lock:
            pass

    history = lockdep(Scenario(lambda: SimpleNamespace(one=one(), other=other()), task))
    assert str(history.graph) == "&part->lock -(EN)-> &part->lock#2"


def test_two_attributes_of_one_struct_are_two_classes() -> None:
    found = classes(lambda: SimpleNamespace(pair=SimpleNamespace(a=Mutex(), b=Mutex())))
    assert (found["pair.a"], found["pair.b"]) == ("&simplenamespace->a", "&simplenamespace->b")


def test_a_dep_map_stands_for_the_primitive_that_keeps_it() -> None:
    def world() -> SimpleNamespace:
        return SimpleNamespace(srcu=SimpleNamespace(dep_map=LockdepMap("srcu"), inner=Mutex()))

    found = classes(world)
    assert (found["srcu.dep_map"], found["srcu.inner"]) == ("srcu", "&simplenamespace->inner")


def test_conditions_keep_their_locks_apart() -> None:
    found = classes(lambda: SimpleNamespace(full=threading.Condition(), empty=threading.Condition()))
    assert {found["full.lock"], found["empty.lock"]} == {"full.lock", "empty.lock"}


def test_a_lock_on_the_world_of_a_dict() -> None:
    assert classes(lambda: {"a": Mutex()})["a"] == "a"


def test_a_vm_that_a_task_makes_is_of_the_class_of_all_vms() -> None:
    def task(w: KvmWorld) -> None:
        vm = create_vm(w, "late")
        with vm.slots_lock:
            vm.srcu.synchronize()

    history = lockdep(Scenario(KvmWorld, task, set_memory_region))
    edges = [str(edge) for edge in history.graph if "slots_lock" in str(edge)]
    assert edges == ["&vm->slots_lock -(EN)-> &vm->srcu"]


def test_a_lock_that_is_kept_nowhere_belongs_to_the_line_that_made_it() -> None:
    def helper() -> Mutex:
        return Mutex()

    def task(w: Any) -> None:
        first, second = helper(), helper()
        with first, second:
            pass

    report = lockdep(Scenario(SimpleNamespace, task)).report
    assert report is not None
    assert report.kind == "possible recursive locking"
    assert report.requested.cls.startswith("Mutex of helper line ")


def test_things_of_another_run_have_no_place() -> None:
    world, _ = Scenario(KvmWorld, lambda w: None).fresh()
    assert places(world, Home()) == {}
