"""What is in a report, and how it reads."""

from __future__ import annotations

from textwrap import dedent

import pytest
from lockdep_histories import inside, play

from kvmlab.lockdep import ChainLink, Lock, Mention, Report, ScenarioLine, Validator

CPU = Lock("cpu_hotplug_lock", "percpu_rwsem")
KVM = Lock("kvm_lock")
SLOTS = Lock("vm0.slots_lock", "mutex", "kvm->slots_lock")
SRCU = Lock("vm0.srcu", "srcu", "kvm->srcu")


def the_circle() -> Report:
    """Memslot update, nx_huge_pages, cpufreq, and KVM_RUN last."""
    v = Validator("6.12")
    v.acquire("memslot", SLOTS, where="memslot.py:2")
    v.sync("memslot", SRCU, where="memslot.py:3")
    v.release("memslot", SLOTS)
    v.acquire("nx", KVM, where="nx.py:2")
    v.acquire("nx", SLOTS, where="nx.py:3")
    v.release("nx", SLOTS)
    v.release("nx", KVM)
    v.acquire("cpufreq", CPU, shared=True, where="cpufreq.py:2")
    v.acquire("cpufreq", KVM, where="cpufreq.py:3")
    v.release("cpufreq", KVM)
    v.release("cpufreq", CPU)
    v.acquire("vcpu", SRCU, shared=True, where="vcpu.py:2")
    report = v.acquire("vcpu", CPU, shared=True, where="vcpu.py:3")
    assert report is not None
    return report


def test_the_parts_of_a_circular_report() -> None:
    report = the_circle()
    held = Mention("vm0.srcu", "kvm->srcu", "rlock", "vcpu", "vcpu.py:2")
    assert report.kind == "possible circular locking"
    assert report.requested == Mention("cpu_hotplug_lock", "cpu_hotplug_lock", "rlock", "vcpu", "vcpu.py:3")
    assert report.held == held
    assert report.locks_held == (held,)
    assert report.cycle == ("cpu_hotplug_lock", "kvm_lock", "kvm->slots_lock", "kvm->srcu", "cpu_hotplug_lock")
    assert report.chain == (
        ChainLink(3, "kvm->srcu", "kvm->slots_lock", "EN", "memslot", "memslot.py:3"),
        ChainLink(2, "kvm->slots_lock", "kvm_lock", "EN", "nx", "nx.py:3"),
        ChainLink(1, "kvm_lock", "cpu_hotplug_lock", "SN", "cpufreq", "cpufreq.py:3"),
        ChainLink(0, "cpu_hotplug_lock", "kvm->srcu", "SN", "vcpu", "vcpu.py:3"),
    )
    assert report.chain_exists == ("cpu_hotplug_lock", "kvm->slots_lock", "kvm->srcu")
    assert report.scenario == (
        ScenarioLine(0, "rlock", "kvm->srcu"),
        ScenarioLine(1, "lock", "kvm->slots_lock"),
        ScenarioLine(1, "lock", "kvm->srcu"),
        ScenarioLine(0, "rlock", "cpu_hotplug_lock"),
    )


def test_the_text_of_a_circular_report() -> None:
    assert (
        str(the_circle())
        == dedent("""\
        WARNING: possible circular locking dependency detected
        vcpu is trying to acquire lock:
          rlock(cpu_hotplug_lock), at vcpu.py:3
        but task is already holding lock:
          rlock(vm0.srcu) of class kvm->srcu, at vcpu.py:2
        which lock already depends on the new lock.

        the existing dependency chain (in reverse order) is:
        -> #3 (kvm->srcu): asked for by memslot under kvm->slots_lock
               at memslot.py:3
        -> #2 (kvm->slots_lock): asked for by nx under kvm_lock
               at nx.py:3
        -> #1 (kvm_lock): asked for by cpufreq under cpu_hotplug_lock
               at cpufreq.py:3
        -> #0 (cpu_hotplug_lock): asked for by vcpu under kvm->srcu
               at vcpu.py:3

        Chain exists of: cpu_hotplug_lock --> kvm->slots_lock --> kvm->srcu

         Possible unsafe locking scenario:
          CPU0                          CPU1
          rlock(kvm->srcu);
                                        lock(kvm->slots_lock);
                                        lock(kvm->srcu);
          rlock(cpu_hotplug_lock);
         *** DEADLOCK ***

        1 lock held by vcpu:
         #0: rlock(vm0.srcu) of class kvm->srcu, at vcpu.py:2

        """)
        + the_circle().sentence
    )


def test_the_sentence_says_who_can_wait_for_whom_and_that_it_takes_a_waiting_writer() -> None:
    assert the_circle().sentence == (
        "If nothing else keeps these apart, they can wait for one another for ever: "
        "one task holds kvm->srcu and waits to read cpu_hotplug_lock, "
        "one task holds cpu_hotplug_lock and waits for kvm_lock, "
        "one task holds kvm_lock and waits for kvm->slots_lock, "
        "and one task holds kvm->slots_lock and waits for the readers of kvm->srcu; "
        "readers of cpu_hotplug_lock do not block each other, so a writer must be waiting there as well."
    )


def test_no_writer_is_asked_for_when_the_circle_closes_without_one() -> None:
    steps = [inside("lock p", "lock a"), inside("lock a", "read_lock p")]
    report = play(*steps, kinds={"p": "percpu_rwsem"}).report
    assert report is not None
    assert "writer" not in report.sentence


def test_the_text_of_a_circle_of_two_has_no_chain_exists() -> None:
    report = play(inside("lock a", "lock b"), inside("lock b", "lock a")).report
    assert report is not None
    assert report.chain_exists is None
    assert "Chain exists of" not in str(report)


def test_the_line_shown_is_that_of_the_dependency_that_counts() -> None:
    """First read under x, later waited for under x: the report must show the wait (the kernel shows the read)."""
    v, x, y, s = Validator(), Lock("x"), Lock("y"), Lock("s", "srcu")
    v.acquire("t", x)
    v.acquire("t", s, shared=True, where="read.py:1")
    v.release("t", s)
    v.sync("t", s, where="wait.py:1")
    v.release("t", x)
    v.acquire("t", y)
    v.acquire("t", x, where="x.py:1")
    v.release("t", x)
    v.release("t", y)
    v.acquire("t", s, shared=True)
    report = v.acquire("t", y, where="y.py:1")
    assert report is not None
    assert [link.where for link in report.chain] == ["wait.py:1", "x.py:1", "y.py:1"]


@pytest.mark.parametrize(
    ("step", "kinds", "sentence"),
    [
        ("lock a, lock a", {}, "task already holds a, so it waits for itself and never goes on."),
        (
            "read_lock p, read_lock p",
            {"p": "percpu_rwsem"},
            "task already reads p: if a writer arrives before the second read, the read waits for the writer and the "
            "writer waits for the first read.",
        ),
        (
            "read_lock s, synchronize s",
            {"s": "srcu"},
            "task waits for the readers of s while it is one of them, so the wait never ends.",
        ),
        (
            "lock m0, lock m1",
            {},
            "task holds m0 and asks for m1: lockdep sees one class, m, and nothing says in which order two locks of "
            "it are taken, so two tasks could do it in opposite orders.",
        ),
        (
            "read_lock s0, synchronize s1",
            {"s0": "srcu", "s1": "srcu"},
            "task reads s0 and waits for the readers of s1: lockdep sees one class, srcu, and cannot tell that the "
            "task does not wait for itself.",
        ),
    ],
    ids=["mutex twice", "read twice", "wait inside own reader", "two instances", "wait inside another's reader"],
)
def test_the_sentence_of_a_recursion(step: str, kinds: dict[str, str], sentence: str) -> None:
    report = play(step, kinds=dict(kinds), classes={"m0": "m", "m1": "m", "s0": "srcu", "s1": "srcu"}).report
    assert report is not None
    assert report.sentence == sentence


def test_the_text_of_a_recursion_shows_plain_lock_even_for_reads() -> None:
    report = play("read_lock p, read_lock p", kinds={"p": "percpu_rwsem"}).report
    assert report is not None
    assert report.scenario == (ScenarioLine(0, "lock", "p"), ScenarioLine(0, "lock", "p"))


def test_the_text_of_a_bad_unlock() -> None:
    v = Validator()
    assert str(v.release("task", Lock("a"), where="x.py:7")) == dedent("""\
        WARNING: bad unlock balance detected!
        task: unlock(a), at x.py:7

        no locks held by task.

        task gives back a, which it does not hold.""")
