"""`check`: try the reader's answer to a task in every schedule, and say what came out."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from kvmlab.errors import ScenarioError
from kvmlab.notebook import shell
from kvmlab.practice.bench import SECONDS, Bench, Finding
from kvmlab.practice.interrupt import listening
from kvmlab.practice.library import feedback, in_order
from kvmlab.practice.record import progress
from kvmlab.practice.result import Result
from kvmlab.practice.task import Task, judge, missing, task
from kvmlab.stepper import Stepper
from kvmlab.task import raised_at
from kvmlab.verdict import place
from kvmlab.watchdog import Watchdog
from kvmlab.world import here

GENERIC = {
    "deadlock": "Read the lines above as arrows: who holds what, who waits for what, and where does the circle close?",
    "rule": "In the schedules looked at here nothing may have gone wrong yet. The rule is for the tasks that you do "
    "not know of.",
    "reason": "What waits is what counts, not what it is called.",
    "held": "Every way out of the task must release what it took.",
    "endless": "Does a loop try again until something has changed? That is waiting, too: wait in an operation that "
    "blocks. If every turn has its own work to do, do it in fewer operations.",
    "race": "What two tasks share and change needs a lock around every access, or a `Shared`.",
    "not repeatable": "A task may depend on the world that it is given, and on nothing that outlives a run.",
}
"""What to say when no answer of the library makes the same mistake."""

EXCEPT = {"input", "breakpoint", "copyright", "credits", "exit", "license", "quit"}
"""Builtins that notebooks and the interactive prompt replace by rights."""

DEEPEST = 5_000
"""How deep calls may be nested in a check, whatever limit a task asks for."""

NATIVE = {
    name: value
    for name, value in vars(builtins).items()
    if name not in EXCEPT and (not name.startswith("_") or name in ("__import__", "__build_class__"))
}
"""Python's own builtins, as they were when this was loaded."""


def check(task_id: str) -> Result:
    """Try the answer to a task: the names that it reads are taken from where this is called.

    Args:
        task_id: the task's name, such as ``"09.walk"``.

    Returns:
        The outcome with its reasons. In a notebook it shows itself.

    Raises:
        ScenarioError: there is no such task.
    """
    frame, notes = sys._getframe(1), list[str]()
    _give_back(notes)
    result = checked(task(task_id), {**frame.f_globals, **frame.f_locals})
    return replace(result, notes=(*notes, *result.notes))


def checked(one: Task, namespace: Mapping[str, Any], *, record: bool = True, seconds: float | None = SECONDS) -> Result:
    """The result of `one` on what `namespace` holds.

    Args:
        one: the task.
        namespace: what the reader has defined.
        record: whether the progress file is told.
        seconds: after how many seconds a check ends, whatever it is doing; None where somebody else sees to that.
    """
    if here.actor is not None:
        raise ScenarioError(f"{here.actor.name} calls check inside a task; call it in a cell of its own.")
    absent = _absent(one, namespace)
    result = Result(one.id, one.title, "not attempted", absent) if absent else _judged(one, namespace, seconds)
    if record:
        note = progress.note(one, result.outcome)
        if note:
            result = replace(result, notes=(*result.notes, note))
    return result


def _absent(one: Task, namespace: Mapping[str, Any]) -> str:
    """What of the answer is not there yet, in a sentence or two; empty if all of it is."""
    lacking = [want.name for want in one.wants if missing(want, namespace)]
    gone = [name for name in lacking if name not in namespace]
    unmoved = [name for name in lacking if isinstance(namespace.get(name), Stepper)]
    unwritten = [name for name in lacking if name not in (*gone, *unmoved)]
    said = []
    if gone:
        it = "it" if len(gone) == 1 else "them"
        are = f"is no {_listed(gone, 'or')}" if len(gone) == 1 else f"are no {_listed(gone, 'and')}"
        said.append(f"There {are} here. Write {it}, or if you have, run the cell that defines {it}.")
    if unmoved:
        said.append(
            f"Nobody has moved yet in {_listed(unmoved, 'and')}. Step its tasks, or write the order down, then run "
            "this cell again."
        )
    if unwritten:
        said.append(f"{_listed(unwritten, 'and')} {'is' if len(unwritten) == 1 else 'are'} still to be written.")
    return " ".join(said)


def _listed(names: list[str], word: str) -> str:
    quoted = [f"`{name}`" for name in names]
    return f" {word} ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))


def _judged(one: Task, namespace: Mapping[str, Any], seconds: float | None) -> Result:
    bench = Bench(seconds=seconds)
    with listening() as interrupt, _restored() as notes:
        try:
            judge(one, namespace, bench)
        except KeyboardInterrupt as error:
            if interrupt.came:
                raise
            line = raised_at(error)
            sentence = "Your code raised KeyboardInterrupt."
            where = (place(line),) if line else ()
            bench.findings.append(Finding("raised", sentence, ("raised", "KeyboardInterrupt"), lines=where))
        except RecursionError:
            bench.findings.append(Finding("raised", "Your code calls itself without end.", ("recursion",)))
        except Exception as error:  # what a reader can do to an engine has no end: say it in a sentence
            bench.findings.append(_surprise(error, bool(notes)))
    findings = in_order(bench.findings)
    if not findings:
        return Result(one.id, one.title, "correct", one.why, checked=tuple(bench.checked), notes=tuple(notes))
    if any(_left_open(finding) for finding in findings):
        reason = f"It still says that it is to be written: {findings[0].sentence}"
        return Result(one.id, one.title, "not attempted", reason, notes=tuple(notes))
    known = feedback(one, findings)
    said = known.feedback if known else GENERIC.get(findings[0].kind, "")
    return Result(
        one.id, one.title, "not yet", findings[0].sentence, tuple(findings), tuple(bench.checked), said,
        known.misconception if known else "",
        (*notes, f'`hints("{one.id}")` has three hints.'),
    )  # fmt: skip


def _left_open(finding: Finding) -> bool:
    return isinstance(getattr(finding.evidence, "error", None), NotImplementedError)


def _surprise(error: Exception, replaced: bool) -> Finding:
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    sentence = (
        f"While your code ran, the check stopped with {what}. Your code has replaced something that Python needs."
        if replaced
        else f"While your code ran, the check stopped with {what}. If you cannot see why, restart the kernel and run "
        "the cells from the top."
    )
    return Finding("raised", sentence, ("surprise", type(error).__name__))


@contextmanager
def _restored() -> Iterator[list[str]]:
    """Python's own builtins inside, whatever a cell or a task has made of them; what was replaced is noted."""
    notes: list[str] = []
    limit, out, raise_limit = sys.getrecursionlimit(), sys.stdout, sys.setrecursionlimit
    asks, notebook = builtins.input, shell()
    kernel: Any = getattr(notebook, "kernel", None)
    allowed = getattr(kernel, "_allow_stdin", None)
    builtins.input = _asks_nobody
    if allowed:
        kernel._allow_stdin = False  # for getpass and the debugger, too
    ways_out = [name for name in ("exit", "quit") if notebook and notebook.user_ns.get(name) is notebook.exiter]
    if notebook:  # its exit() ends the kernel: here it ends the task, at the reader's line
        notebook.__dict__["ask_exit"] = sys.exit
        notebook.user_ns.update(dict.fromkeys(ways_out, sys.exit))
    sys.setrecursionlimit = lambda wanted: raise_limit(min(wanted, max(limit, DEEPEST)))
    _give_back(notes)
    try:
        yield notes
    finally:
        _give_back(notes)
        Watchdog.stop()
        builtins.input = asks
        if allowed:
            kernel._allow_stdin = True
        if notebook:
            notebook.__dict__.pop("ask_exit", None)
            notebook.user_ns.update(dict.fromkeys(ways_out, notebook.exiter))
        sys.setrecursionlimit = raise_limit
        raise_limit(limit)
        sys.stdout = out


def _asks_nobody(prompt: object = "") -> str:
    """In place of ``input``: a check runs a task many times, and nobody is there to answer."""
    raise RuntimeError("a check cannot ask you for input; write what you would type into the program")


def _give_back(notes: list[str]) -> None:
    own = vars(builtins)
    changed = [name for name, value in NATIVE.items() if own.get(name) is not value]
    own.update(NATIVE)
    if changed:
        names = ", ".join(f"`{name}`" for name in sorted(changed)[:3])
        note = f"Python's own {names} had been replaced for everybody; the check has put it back."
        if note not in notes:
            notes.append(note)
