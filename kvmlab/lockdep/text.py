"""A report as text, in the order in which the kernel prints its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kvmlab.lockdep.report import Mention, Report

_HEADINGS = {
    "possible circular locking": "possible circular locking dependency detected",
    "possible recursive locking": "possible recursive locking detected",
    "bad unlock balance": "bad unlock balance detected!",
}
_BUGS = ("Invalid wait context", "MAX_LOCK_DEPTH too low")  # what the kernel calls a BUG, and not a WARNING
_COLUMN = 32  # where CPU1's column begins in the kernel's table


def render(report: Report) -> str:
    """The whole report; the same text for every run."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    asked = report.requested
    yield f"{'BUG' if report.kind in _BUGS else 'WARNING'}: {_HEADINGS.get(report.kind, report.kind)}"
    if report.held is None:
        yield f"{asked.task}: {_name(asked)}"
    else:
        yield f"{asked.task} is trying to acquire lock:"
        yield f"  {_name(asked)}"
        yield "but task is already holding lock:"
        yield f"  {_name(report.held)}"
    if report.chain:
        yield "which lock already depends on the new lock."
        yield ""
        yield "the existing dependency chain (in reverse order) is:"
        for link in report.chain:
            yield f"-> #{link.number} ({link.cls}): asked for by {link.task} under {link.under}"
            if link.where:
                yield f"       at {link.where}"
    if report.chain_exists is not None:
        yield ""
        yield f"Chain exists of: {' --> '.join(report.chain_exists)}"
    if report.scenario:
        yield ""
        yield from _scenario(report)
    yield ""
    yield from _held(asked.task, report.locks_held)
    yield ""
    yield report.sentence


def _scenario(report: Report) -> Iterator[str]:
    two = any(line.cpu for line in report.scenario)
    yield " Possible unsafe locking scenario:"
    yield "  CPU0".ljust(_COLUMN) + "CPU1" if two else "  CPU0"
    for line in report.scenario:
        yield " " * (_COLUMN if line.cpu else 2) + f"{line.verb}({line.cls});"
    yield " *** DEADLOCK ***"


def _held(task: str, locks: Sequence[Mention]) -> Iterator[str]:
    if not locks:
        yield f"no locks held by {task}."
        return
    yield f"{len(locks)} lock{'s' * (len(locks) > 1)} held by {task}:"
    for number, held in enumerate(locks):
        yield f" #{number}: {_name(held)}"


def _name(held: Mention) -> str:
    of_class = "" if held.lock == held.cls else f" of class {held.cls}"
    return f"{held.verb}({held.lock}){of_class}{_at(held.where)}"


def _at(where: str) -> str:
    return f", at {where}" if where else ""
