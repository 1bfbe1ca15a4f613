"""Has lockdep listen to a reader's program, and keeps what goes wrong in it as a finding of the bench."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kvmlab.errors import ScenarioError
from kvmlab.lockdep import History, lockdep
from kvmlab.practice.bench import Bench, Finding
from kvmlab.scenario import Scenario
from kvmlab.verdict import Schedule, place


def heard(
    bench: Bench,
    case: str,
    scenario: Callable[[], Scenario],
    linux: str = "complete",
    order: str | Schedule | Sequence[str] | None = None,
    fine: tuple[str, ...] = (),
) -> History | None:
    """What lockdep said to one history of `scenario`; None if the program failed, which is then a finding.

    Args:
        bench: who keeps the finding.
        case: what is going on.
        scenario: makes it.
        linux: whose rules, see `lockdep`.
        order: of the tasks, or a schedule, see `lockdep`.
        fine: kinds of failures that are none here.
    """
    try:
        said = lockdep(scenario(), linux, order=order)
    except ScenarioError as error:
        bench.findings.append(Finding("cannot run", f"{error}", ("cannot run", case), case))
        return None
    assert isinstance(said, History)
    for one in said.failures:
        if one.kind in fine:
            continue
        kind = type(one.error).__name__ if one.error else ""
        where = (place(one.location),) if one.location else ()
        bench.findings.append(Finding(one.kind, one.message, (one.kind, case, kind, one.lock), case, lines=where))
        return None
    return said


def says(
    bench: Bench,
    case: str,
    scenario: Callable[[], Scenario],
    verdict: str,
    sentence: str,
    linux: str = "complete",
    order: str | Schedule | Sequence[str] | None = None,
) -> bool:
    """Whether lockdep gives that `verdict`; a finding with `sentence` unless it does."""
    said = heard(bench, case, scenario, linux, order)
    if said is None:
        return False
    text = f"{sentence} It says: {said.report.kind}." if said.report else sentence
    if said.verdict != verdict:
        circle = " -> ".join(said.cycle)
        lines = (circle,) if circle else ()
        shape = ("wrong", case, said.verdict, said.report.kind if said.report else "")
        bench.findings.append(Finding("wrong", text, shape, case, lines=lines))
        return False
    bench.checked.append(f"{case}: {verdict}")
    return True
