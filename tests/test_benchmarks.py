"""The benchmarks run and say something sane. How fast anything is, no test asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from benchmarks import __main__, registry
from benchmarks.exploring import against, times
from benchmarks.measure import Timing, measure, measure_each
from benchmarks.naive import replay_all
from benchmarks.registry import FIRST, TINY, Effort, Row, all_benchmarks, benchmark
from benchmarks.scenarios import circle, one_lock, philosophers, two_vms
from benchmarks.table import HEAD, duration, table
from kvmlab import Scenario, explore, run


@pytest.mark.parametrize("name", all_benchmarks())
def test_each_benchmark_yields_rows_that_are_sane(name: str) -> None:
    rows = list(all_benchmarks()[name](TINY))
    assert rows
    for row in rows:
        assert row.what
        assert row.operations >= 1
        if row.timing is None:
            assert row.note, f"{row.what} was not run and does not say why"
        else:
            assert len(row.timing.seconds) >= 1
            assert 0 <= row.timing.best <= row.timing.median
    assert len({row.what for row in rows}) == len(rows)


def test_what_the_issue_asks_for_is_measured() -> None:
    assert set(FIRST) <= set(all_benchmarks())
    assert list(all_benchmarks())[: len(FIRST)] == list(FIRST)


def test_a_benchmark_that_is_plugged_in_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_KNOWN", dict(registry._KNOWN))

    @benchmark("another")
    def another(effort: Effort) -> Iterator[Row]:
        yield Row("a peer", None, note="not installed")

    assert list(all_benchmarks())[len(FIRST)] == "another"


@pytest.mark.parametrize(
    ("scenario", "verdict", "deadlocks"),
    [
        (circle(), "deadlock", 1),
        (circle(fixed=True), "proven", 0),
        (circle(hotplug=False), "proven", 0),
        (circle(vcpus=0), "proven", 0),
        (circle(vcpus=2, hotplug=False), "proven", 0),
        (two_vms(tasks=5), "deadlock", 1),
        (two_vms(tasks=5, fixed=True), "proven", 0),
        (philosophers(4), "deadlock", 1),
        (philosophers(4, ordered=True), "proven", 0),
    ],
)
def test_what_is_measured_has_the_verdict_that_the_book_tells(scenario: Scenario, verdict: str, deadlocks: int) -> None:
    result = explore(scenario)
    assert (result.verdict, len(result.deadlocks)) == (verdict, deadlocks)


def test_the_live_run_does_every_operation() -> None:
    assert len(run(one_lock(2, 3)).schedule) == 12


def test_the_naive_peer_counts_what_the_search_counts() -> None:
    for scenario in (philosophers(3), philosophers(3, ordered=True), circle(0, hotplug=False)):
        result = explore(scenario)
        assert replay_all(scenario) == (result.schedules, result.deadlocked)


def test_measuring_does_the_work_as_often_as_it_says() -> None:
    done: list[str] = []
    assert len(measure(lambda: done.append("once"), 3).seconds) == 3
    assert len(done) == 4
    done.clear()
    timings = measure_each([lambda: done.append("a"), lambda: done.append("b")], 2, warm_up=False)
    assert [len(timing.seconds) for timing in timings] == [2, 2]
    assert "".join(done) == "abab"


def test_a_timing_knows_its_best_and_its_median() -> None:
    timing = Timing((0.3, 0.1, 0.2))
    assert (timing.best, timing.median) == (0.1, 0.2)


def test_a_ratio_is_per_operation_and_best_against_best() -> None:
    slow, fast = Row("slow", Timing((4.0, 9.0)), operations=2), Row("fast", Timing((0.5,)))
    assert times(slow, fast) == "4.0×"
    assert times(Row("slower", Timing((80.0,))), fast) == "160×"


def test_a_target_is_held_against_the_median() -> None:
    row = Row("circle", Timing((0.04, 0.06, 0.06)))
    assert against(row, 0.05).note == "target 50 ms: missed"
    assert against(row, 0.06).note == "target 60 ms: reached"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (12.34, "12.3 s"),
        (0.9997, "1.00 s"),
        (1.0, "1.00 s"),
        (0.0181, "18.1 ms"),
        (4.2e-6, "4.20 µs"),
        (0.25, "250 ms"),
        (83e-9, "83 ns"),
    ],
)
def test_durations_have_three_digits_and_a_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_table_is_markdown_with_columns_that_line_up() -> None:
    rows = [("live", Row("a lock", Timing((1e-6,)), 10, "few", "finished")), ("naive", Row("x", None, note="no peer"))]
    lines = table(rows).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert all(line.count("|") == len(HEAD) + 1 for line in lines)
    assert re.fullmatch(r"\| live .*\| +100 ns \| +100 ns \| 1 \| +\|", lines[2])


def test_the_command_prints_one_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(__main__, "QUICK", TINY)
    assert __main__.main(["--quick", "circle", "naive"]) == 0
    heading, _, head, _, *rows = capsys.readouterr().out.splitlines()
    assert re.match(r"\w+ 3\.\d+\.\d+\S*, \d+ CPUs?, ", heading)
    assert [cell.strip() for cell in head.split("|")[1:-1]] == list(HEAD)
    assert [row.split("|")[1].strip() for row in rows] == ["circle"] * 2 + ["naive"] * 3


def test_an_unknown_name_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["circel"]) == 2
    assert re.match("no benchmark is called 'circel'; there are circle, two-vms, ", capsys.readouterr().err)
