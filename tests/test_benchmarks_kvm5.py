"""The benchmarks of the circle with reader-written primitives: what is measured is what the book tells."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks import kvm5, peers
from benchmarks.commands import command, peak_memory
from benchmarks.measure import Timing
from benchmarks.partly import first_deadlock, searched, verdict
from benchmarks.peers import Answer, Tool, from_harmony, from_json, from_kvmlab, from_spin, install
from benchmarks.registry import QUICK, TINY, Effort, Row
from benchmarks.scenarios import one_lock, philosophers, written_circle
from benchmarks.threads import explore_on_threads
from benchmarks.written import performed
from kvmlab import Scenario, explore


@pytest.mark.parametrize(("fixed", "said", "classes"), [(False, "deadlock", 643), (True, "proven", 704)])
def test_kvm5_is_the_one_whose_classes_are_known(fixed: bool, said: str, classes: int) -> None:
    result = explore(written_circle(fixed=fixed))
    assert (result.verdict, result.classes, result.search) == (said, classes, "traces")


def test_further_vms_have_a_vcpu_and_an_update_of_their_own() -> None:
    assert written_circle(2, 2).task_names == (
        "vcpu_run 1", "vcpu_run 2", "set_memory_region", "vcpu_run(vm=1)", "set_memory_region(vm=1)",
        "nx_walk", "cpufreq_notifier", "cpu_hotplug",
    )  # fmt: skip


def test_the_search_can_be_stopped_at_its_first_deadlock() -> None:
    search = first_deadlock(written_circle())
    assert not search.complete
    assert search.runs < 10, "the tasks take turns, so that they soon stand in each other's way"
    assert verdict(search) == "deadlock (1)"


def test_the_search_can_be_stopped_when_its_time_is_up() -> None:
    search = searched(written_circle(fixed=True), seconds=0.0)
    assert (search.runs, search.complete, verdict(search)) == (1, False, "not finished")


def test_a_search_that_nothing_stops_is_complete() -> None:
    assert verdict(searched(philosophers(3, ordered=True))) == "proven"
    assert verdict(searched(philosophers(3))) == "deadlock (1)"


def test_operations_are_counted_over_all_runs() -> None:
    assert performed(one_lock(1, 3)) == 0, "the search by states replays nothing"
    result = explore(Scenario(kvm5.World, kvm5.nx_walk))
    assert result.search == "states"
    assert performed(written_circle(0)) > 0


@pytest.mark.parametrize("make", [partial(written_circle, 0, fixed=True), partial(philosophers, 3)])
def test_greenlets_and_threads_say_the_same(make: partial[Scenario]) -> None:
    assert explore_on_threads(make()) == explore(make(), by="traces")


def test_a_command_that_uses_its_budget_up_is_ended(tmp_path: Path) -> None:
    ended = command(["sleep", "60"], 0.1, tmp_path)
    assert not ended.in_time
    assert ended.elapsed < 30


def test_a_command_that_ends_says_what_it_cost(tmp_path: Path) -> None:
    ended = command(["sh", "-c", "echo said; exit 3"], 60, tmp_path)
    assert (ended.output, ended.code, ended.in_time) == ("said\n", 3, True)
    assert ended.seconds >= 0


def test_a_command_that_ends_says_how_much_memory_it_had(tmp_path: Path) -> None:
    small, large = (
        command([sys.executable, "-c", f"held = bytearray({size})"], 60, tmp_path) for size in (1, 80_000_000)
    )
    assert 60_000_000 < large.memory - small.memory < 100_000_000


def test_memory_is_that_of_a_process_of_its_own() -> None:
    small, large = peak_memory("pass"), peak_memory("held = bytearray(80_000_000)")
    if small is None or large is None:
        pytest.skip("this system does not say how much memory a process had")
    assert 60_000_000 < large - small < 100_000_000


def test_no_peer_runs_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "command", None)
    monkeypatch.setattr(peers, "tools", None)
    assert [row.note for row in peers.compare_with_peers(TINY)] == ["left out at this size"]
    monkeypatch.setenv("CI", "true")
    assert [row.note for row in peers.compare_with_peers(QUICK)] == ["left out in CI"]


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        (
            "pan:1: invalid end state (at depth 23)\n errors: 1\n 15192 states, stored",
            Answer("deadlock", "15,192 states"),
        ),
        (" errors: 0\n 38187 states, stored", Answer("proven", "38,187 states")),
        ("Warning: Search not completed\n errors: 0\n 7 states, stored", Answer("", "7 states")),
        ("error: max search depth too small\n errors: 0\n 7 states, stored", Answer("", "7 states")),
        ("", Answer("")),
    ],
)
def test_spin_is_understood_and_a_search_cut_short_is_no_proof(output: str, answer: Answer) -> None:
    assert from_spin(output) == answer


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        ("* 12 states (time 0.35s)\n**Summary: some execution cannot terminate**", Answer("deadlock", "12 states")),
        ("* 89613 states (time 0.51s)\n* **No issues found**", Answer("proven", "89,613 states")),
        ("* 12 states\nSummary: something went wrong", Answer("", "12 states")),
    ],
)
def test_harmony_is_understood(output: str, answer: Answer) -> None:
    assert from_harmony(output) == answer


def test_python_peers_and_kvmlab_answer_in_json() -> None:
    line = '{"verdict": "not finished", "size": "5 runs", "says": "a sample proves nothing"}'
    assert from_json(f"a warning\n{line}\n") == Answer("not finished", "5 runs", "a sample proves nothing")
    assert from_json("Traceback") == Answer("")
    assert from_kvmlab('{"verdict": "proven", "runs": 705}') == Answer("proven", "705 runs")


def _shell(script: str, understand: str = "proven") -> Tool:
    return Tool(
        "a peer", Path("/bin/sh"), lambda home: "1.0", lambda home, *_: [[home, "-c", "true"], [home, "-c", script]],
        lambda output: Answer(understand if "fine" in output else ""),
    )  # fmt: skip


def test_a_budget_that_ran_out_is_not_a_pass() -> None:
    (row,) = peers._measured("kvm5: a peer", _shell("sleep 60"), "fixed", 0.2, 3)
    assert (row.what, row.verdict) == ("kvm5: a peer", "not finished")
    assert re.fullmatch(r"\S+ m?s on the clock, \d+ MB; stopped after 0.2 s on the clock", row.note)


def test_a_peer_that_breaks_has_no_verdict() -> None:
    (row, _) = peers._measured("kvm5: a peer", _shell("echo broken; exit 1"), "fixed", 60, 3)
    assert row.verdict == "none"
    assert row.note.endswith("; it said: broken")


def test_the_last_step_is_measured_alone_too() -> None:
    whole, last = peers._measured("kvm5: a peer", _shell("echo fine"), "fixed", 60, 2)
    assert (whole.verdict, last.what) == ("proven", "kvm5: a peer, the search alone")
    assert whole.timing is not None
    assert last.timing is not None
    assert len(whole.timing.seconds) == 2
    assert last.timing.best <= whole.timing.best


def test_a_peer_is_compared_with_ours_of_the_same_run() -> None:
    ours, peer = (Row(what, Timing((seconds,))) for what, seconds in (("ours", 0.5), ("peer", 6.0)))
    assert peers._compared(peer, ours).note == "12× kvmlab"
    stopped = Row("peer", Timing((60.0,)), verdict="not finished", note="stopped after 60 s")
    assert peers._compared(stopped, ours).note == "more than 120× kvmlab; stopped after 60 s"


def test_a_peer_that_is_not_there_is_said_to_be_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    missing = Tool("a peer", None, lambda home: "", lambda *_: [], from_json, missing="not installed: no reason")
    monkeypatch.setattr(peers, "tools", lambda: [missing])
    assert [(row.what, row.note) for row in peers.compare_with_peers(Effort("quick", 1))] == [
        ("kvm5: a peer", "not installed: no reason"),
        ("kvm5, fixed: a peer", "not installed: no reason"),
    ]


@pytest.fixture
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    install.installed.cache_clear()
    yield tmp_path / "kvmlab" / "peers"
    install.installed.cache_clear()


def _pip(code: int, told: str) -> Any:
    """Stands for `subprocess.run`: environments can be made, and pip answers with `code`."""

    def run(arguments: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        pip = "pip" in arguments
        return subprocess.CompletedProcess(arguments, code if pip else 0, "", told if pip else "")

    return run


def test_a_peer_is_installed_outside_of_the_project(monkeypatch: pytest.MonkeyPatch, empty_cache: Path) -> None:
    monkeypatch.setattr(install.subprocess, "run", _pip(0, ""))
    assert install.installed("frontrun") == (empty_cache / "frontrun" / "bin" / "python", "")


def test_a_peer_that_cannot_be_installed_says_why(monkeypatch: pytest.MonkeyPatch, empty_cache: Path) -> None:
    monkeypatch.setattr(install.subprocess, "run", _pip(1, "a warning\nERROR: no such package\n\n"))
    assert install.installed("frontrun") == (None, "not installed: pip said ERROR: no such package")


def test_a_peer_for_which_python_is_too_old_says_so(monkeypatch: pytest.MonkeyPatch, empty_cache: Path) -> None:
    monkeypatch.setattr(install, "a_python", lambda oldest: None)
    reason = "not installed: interleave-test needs Python 3.12 or newer, and none was found"
    assert install.installed("interleave-test") == (None, reason)


def test_the_python_at_hand_is_taken_if_it_is_new_enough() -> None:
    assert install.a_python((3, 11)) == Path(sys.executable)
