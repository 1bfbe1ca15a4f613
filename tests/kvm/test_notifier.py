"""Notifier chains: an SRCU reader around the callbacks, and a grace period when one goes."""

from __future__ import annotations

from functools import partial

import pytest

from kvmlab import LockError, Scenario, ScenarioError, explore
from kvmlab.kvm import KvmWorld, NotifierChain, kvmclock_cpufreq_notifier, lockdep_assert_held
from kvmlab.kvm.notifier import UNREGISTER
from kvmlab.operation import perform

from .worlds import WithFlag, explored, only_failure

calls: list[str] = []


def first(_: object) -> None:
    calls.append("first")


def second(_: object) -> None:
    calls.append("second")


def test_callbacks_run_in_the_order_in_which_they_registered() -> None:
    chain = NotifierChain()
    chain.register(first)
    chain.register(second)
    calls.clear()
    chain.call(None)
    chain.unregister(first)
    chain.call(None)
    assert calls == ["first", "second", "second"]
    assert chain.describe(chain.value) == {"callbacks": ["second"]}


def test_registering_twice_and_unregistering_a_stranger_are_errors() -> None:
    chain = NotifierChain()
    chain.register(first)
    with pytest.raises(LockError, match="you register first with NotifierChain a second time"):
        chain.register(first)
    with pytest.raises(LockError, match="second off"):
        chain.unregister(second)


def test_callback_must_be_the_same_function_in_every_run() -> None:
    def made_anew(_: object) -> None: ...

    for callback in (made_anew, partial(first, 1), calls.append):
        with pytest.raises(ScenarioError, match="top level"):
            NotifierChain().register(callback)


def module_callback(w: WithFlag) -> None:
    assert not w.flag.load(), "called after the module was unloaded"


class Loaded(WithFlag):
    def __init__(self) -> None:
        super().__init__()
        self.cpufreq_chain.register(module_callback)


def notify(w: KvmWorld) -> None:
    w.cpufreq_chain.call(w)


def unload(w: Loaded) -> None:
    w.cpufreq_chain.unregister(module_callback)
    w.flag.store(True)


def unload_without_waiting(w: Loaded) -> None:
    perform(w.cpufreq_chain, UNREGISTER, module_callback)
    w.flag.store(True)


def test_no_callback_runs_once_unregister_has_returned() -> None:
    assert explored(Loaded, notify, unload).verdict == "proven"


def test_without_the_grace_period_one_may() -> None:
    assert "called after the module was unloaded" in only_failure(explored(Loaded, notify, unload_without_waiting))


def comes_and_goes(w: Loaded) -> None:
    w.cpufreq_chain.unregister(module_callback)
    w.cpufreq_chain.register(module_callback)


def test_chain_may_change_while_it_is_called() -> None:
    assert explored(Loaded, notify, notify, comes_and_goes).verdict == "proven"


def unregisters_itself(w: KvmWorld) -> None:
    w.cpufreq_chain.unregister(unregisters_itself)


def registers_that(w: KvmWorld) -> None:
    w.cpufreq_chain.register(unregisters_itself)
    w.cpufreq_chain.call(w)


def test_callback_that_unregisters_waits_for_itself() -> None:
    (deadlock,) = explored(WithFlag, registers_that).deadlocks
    assert deadlock.waits == (("registers_that", "cpufreq_chain.srcu", ("registers_that",)),)


def unload_under_kvm_lock(w: KvmWorld) -> None:
    with w.kvm_lock:
        w.cpufreq_chain.unregister(kvmclock_cpufreq_notifier)


def test_unregister_under_a_lock_that_a_callback_takes() -> None:
    found = explored(KvmWorld, notify, unload_under_kvm_lock)
    assert found.verdict == "deadlock"
    assert set(found.deadlocks[0].cycle) == {"notify", "unload_under_kvm_lock"}


def is_a_reader(w: KvmWorld) -> None:
    lockdep_assert_held(w.cpufreq_chain.srcu)


class Asserting(WithFlag):
    def __init__(self) -> None:
        super().__init__()
        self.cpufreq_chain.register(is_a_reader)


def test_callbacks_run_inside_the_reader() -> None:
    assert explored(Asserting, notify).verdict == "proven"


def writes_plain_data(w: object) -> None:
    calls.append("written")


class Writing(WithFlag):
    def __init__(self) -> None:
        super().__init__()
        self.cpufreq_chain.register(writes_plain_data)


def test_callback_that_writes_plain_data_sends_the_search_to_traces() -> None:
    found = explore(Scenario(Writing, notify, notify))
    assert found.search == "traces"
    assert "calls" in found.why


def lambda_in_a_world() -> None:
    chain = NotifierChain()
    chain.register(lambda _: None)


def test_message_names_what_was_given() -> None:
    with pytest.raises(ScenarioError, match="not <lambda>"):
        lambda_in_a_world()
