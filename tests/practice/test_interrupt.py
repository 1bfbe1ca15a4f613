"""The user's interrupt ends a check; a ``KeyboardInterrupt`` that the reader's code raises is a finding."""

from __future__ import annotations

import linecache
import signal
import threading
from typing import Any

import pytest

from kvmlab.practice.check import checked
from kvmlab.practice.interrupt import listening
from kvmlab.practice.result import Result
from kvmlab.practice.task import task


def result_of(body: str, name: str = "09.walk") -> Result:
    names: dict[str, Any] = {}
    source = f"import signal\n{body}\n"
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(keepends=True), "<cell>")
    exec(compile(source, "<cell>", "exec"), names)
    return checked(task(name), names, record=False)


def test_what_a_task_raises_is_a_finding_with_its_line() -> None:
    result = result_of("def walk(w):\n    with w.kvm_lock:\n        raise KeyboardInterrupt")
    (finding,) = result.findings
    assert result.outcome == "not yet"
    assert (finding.kind, finding.sentence) == ("raised", "Your code raised KeyboardInterrupt.")
    assert finding.lines == ("line 4: raise KeyboardInterrupt",)


def test_so_is_what_a_function_raises_that_is_called_by_itself() -> None:
    result = result_of("def first_report(history):\n    raise KeyboardInterrupt", "07.lockdep")
    assert result.reason == "Your code raised KeyboardInterrupt."


def test_the_interrupt_of_a_user_ends_the_check() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            result_of("def walk(w):\n    signal.raise_signal(signal.SIGINT)")
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interrupt_does_what_it_did_before() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        with listening() as interrupt:
            assert not interrupt.came
            signal.raise_signal(signal.SIGINT)
        assert interrupt.came
        assert seen == [signal.SIGINT]
    finally:
        signal.signal(signal.SIGINT, before)


def test_on_another_thread_nothing_is_changed() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def listens() -> None:
        with listening() as interrupt:
            seen.append((interrupt.came, signal.getsignal(signal.SIGINT) is before))

    thread = threading.Thread(target=listens)
    thread.start()
    thread.join()
    assert seen == [(False, True)]
