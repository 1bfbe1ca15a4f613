"""What a check says: a text, and the same for a page or a notebook, with the counterexample to look at."""

from __future__ import annotations

import html
import re
import textwrap
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kvmlab import draw
from kvmlab.errors import ScenarioError
from kvmlab.location import is_engine
from kvmlab.notebook import shell
from kvmlab.practice.bench import Finding
from kvmlab.practice.look import STYLE, inline, plain
from kvmlab.practice.misconceptions import MISCONCEPTIONS
from kvmlab.practice.quiet import quieten
from kvmlab.scenario import Scenario
from kvmlab.stepper import step
from kvmlab.verdict import WIDTH, Deadlock, Failure, plural

STEPPED = 3_000
"""How many states a counterexample may have to be shown as a stepper."""

OPERATIONS_SHOWN = 40
"""How many operations of a counterexample are drawn as a chart."""

RESULT_STYLE = """<style>
.kl-practice.kl-check { border-left: 3px solid var(--tone); padding: .1rem 0 .1rem .9rem; margin: .3rem 0;
  max-width: none; --tone: var(--kl-muted, var(--jp-content-font-color2, #56606d)); }
.kl-check.kl-check-correct { --tone: var(--kl-ok, #1a7f37); }
.kl-check.kl-check-not-yet { --tone: var(--kl-wait, #b35900); }
[data-jp-theme-light="false"] .kl-check.kl-check-correct { --tone: var(--kl-ok, #57ab5a); }
[data-jp-theme-light="false"] .kl-check.kl-check-not-yet { --tone: var(--kl-wait, #f0a35e); }
.kl-check > p, .kl-check > ul, .kl-check > details { max-width: 46rem; }
.kl-check > p { margin: .35rem 0; }
.kl-check .kl-outcome { font-weight: 600; color: var(--tone); }
.kl-check ul { margin: .2rem 0 .5rem; padding-left: 1.2rem; }
.kl-check .kl-where code { font-size: .9em; }
.kl-check details { margin: .4rem 0; }
.kl-check .kl-figure svg { margin-left: 0 !important; } /* a diagram says "auto" itself */
</style>"""


@dataclass(frozen=True)
class Result:
    """What `check` says of an answer.

    Attributes:
        task: the task's id.
        title: what the task is called.
        outcome: ``not attempted``, ``not yet`` or ``correct``.
        reason: one or two sentences: what is missing, what is wrong, or why it is right.
        findings: what is wrong, the first one first.
        checked: what was looked at.
        feedback: the sentence for the mistake that was made; empty if there is none.
        misconception: the one that the mistake shows, ``M11``; empty if none.
        notes: what else there is to know.
    """

    task: str
    title: str
    outcome: str
    reason: str
    findings: tuple[Finding, ...] = ()
    checked: tuple[str, ...] = ()
    feedback: str = ""
    misconception: str = ""
    notes: tuple[str, ...] = ()
    _shown: list[bool] = field(default_factory=list, repr=False, compare=False)

    @property
    def correct(self) -> bool:
        """Whether the answer is correct. In a notebook the result is shown when it is asked for this."""
        self._show()
        return self.outcome == "correct"

    @property
    def scenario(self) -> Scenario | None:
        """The program of the counterexample, to `step`, `replay` or `explore`; None if there is none."""
        return self.findings[0].scenario if self.findings else None

    @property
    def schedule(self) -> str:
        """The counterexample as a string that `replay` takes; empty if there is none."""
        found = self.findings[0].evidence if self.findings else None
        return found.schedule.replay if found else ""

    def __repr__(self) -> str:
        return "\n".join(self._text())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        self._shown.append(True)
        return {"text/plain": repr(self), "text/html": self.page()}

    def page(self) -> str:
        """The result as HTML that needs no kernel."""
        kind = self.outcome.replace(" ", "-")
        parts = [STYLE, RESULT_STYLE, f'<div class="kl-practice kl-check kl-check-{kind}" role="group">']
        parts.append(
            f'<p><span class="kl-outcome">{self.outcome.capitalize()}.</span> {inline(self.title)} '
            f"<code>{html.escape(self.task)}</code></p>"
        )
        parts.append(f"<p>{inline(self.reason)}</p>")
        parts += self._html_where()
        if self.feedback:
            parts.append(f"<p>{inline(self.feedback)}</p>")
        if self.misconception:
            parts.append(f'<p class="kl-hint">{html.escape(self._named())}</p>')
        parts += self._html_evidence()
        if self.checked and self.outcome == "correct":
            parts.append(_listed("Checked against", self.checked))
        parts += [f"<p>{inline(note)}</p>" for note in self.notes]
        return "\n".join([*parts, "</div>"])

    def _text(self) -> Iterator[str]:
        yield _wrapped(f"{self.task}, {self.title}: {self.outcome}.", "")
        yield _wrapped(self.reason)
        if self.findings:
            first = self.findings[0]
            for line in first.lines:
                yield _wrapped(line, "    ")
            if first.case:
                yield _wrapped(f"Found with: {first.case}.{_share(first)}")
            schedule = first.evidence.schedule if first.evidence else ()
            if schedule:
                yield f"  The shortest schedule, {plural(len(schedule), 'operation')}:"
                yield textwrap.indent(str(schedule), "  ")
            for other in self._others():
                yield _wrapped(f"Also: {other}")
        if self.feedback:
            yield _wrapped(self.feedback)
        if self.misconception:
            yield _wrapped(self._named())
        if self.checked and self.outcome == "correct":
            yield "  Checked against:"
            for one in self.checked:
                yield _wrapped(one, "    ")
        for note in self.notes:
            yield _wrapped(note)

    def _named(self) -> str:
        return f"The misconception: {MISCONCEPTIONS[self.misconception]} ({self.misconception})."

    def _others(self) -> list[str]:
        """Up to two further findings, of other kinds than the first."""
        others: dict[str, str] = {}
        for finding in self.findings[1:]:
            where = f" At {finding.lines[0]}" if finding.lines and finding.kind in ("rule", "reason") else ""
            others.setdefault(finding.kind, finding.sentence + where)
        others.pop(self.findings[0].kind, None)
        return list(others.values())[:2]

    def _html_where(self) -> Iterator[str]:
        if not self.findings:
            return
        first = self.findings[0]
        if first.lines:
            yield '<ul class="kl-where">' + "".join(f"<li>{_code(line)}</li>" for line in first.lines) + "</ul>"
        if first.case:
            yield f"<p>Found with: {inline(first.case)}.{_share(first)}</p>"
        others = self._others()
        if others:
            yield "<p>Also:</p><ul>" + "".join(f"<li>{inline(other)}</li>" for other in others) + "</ul>"

    def _html_evidence(self) -> Iterator[str]:
        if not self.findings or not self.findings[0].evidence:
            return
        first = self.findings[0]
        evidence = first.evidence
        assert evidence is not None
        picture = _picture(first)
        if picture:
            yield picture
        schedule = evidence.schedule
        if schedule:
            text = html.escape(str(schedule), quote=False)
            count = plural(len(schedule), "operation")
            yield f'<details><summary>The schedule, {count}</summary><pre tabindex="0">{text}</pre></details>'
        error = evidence.error if isinstance(evidence, Failure) else None
        if error is not None and first.kind == "raised":
            text = html.escape("".join(_trimmed(error)), quote=False)
            yield f'<details><summary>What Python said</summary><pre tabindex="0">{text}</pre></details>'

    def _show(self) -> None:
        """Show the result in a notebook, unless it has been shown."""
        notebook = shell()
        if notebook is not None and not self._shown:
            from IPython.display import display

            self._shown.append(True)
            display(self)  # type: ignore[no-untyped-call]
        if notebook is not None and self.outcome != "correct":
            quieten(notebook)


def _share(finding: Finding) -> str:
    """In how many schedules it went wrong, as far as that is known."""
    found = finding.exploration
    if found is None:
        return ""
    if finding.kind == "deadlock" and found.deadlocked and found.size:
        return f" A deadlock in {found.deadlocked:,} of {found.size}."
    return f" Looked at {found.size}." if found.size else ""


def _picture(finding: Finding) -> str | None:
    """The counterexample as a stepper, or as a chart; None if it cannot be drawn."""
    evidence, scenario = finding.evidence, finding.scenario
    if isinstance(evidence, Deadlock) and scenario and finding.exploration and finding.exploration.search == "states":
        try:
            return step(scenario, anchor=f"check-{_slug(scenario.name)}", max_states=STEPPED).page()
        except ScenarioError:
            pass
    if evidence is None or not evidence.schedule or len(evidence.schedule) > OPERATIONS_SHOWN:
        return None
    try:
        return draw.chart(evidence)._repr_html_()
    except ScenarioError:
        return None


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "answer"


def _trimmed(error: BaseException) -> Sequence[str]:
    """The traceback of `error` without our own frames."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not is_engine(frame.filename)]
    return [*traceback.format_list(frames), *traceback.format_exception_only(type(error), error)]


def _code(line: str) -> str:
    """A line such as ``line 3: put(w, vm) [put > destroy_vm]``, with its code as code."""
    head, found, code = line.partition(": ")
    if found and "line " in head:
        code, via, way = code.partition(" [")
        if not way.endswith("]") or " = " in way:  # no functions in between, but a list of the reader's
            code, via, way = f"{code}{via}{way}", "", ""
        said = f"{html.escape(head, quote=False)}: <code>{html.escape(code, quote=False)}</code>"
        return f"{said}, in {html.escape(way[:-1].replace(' > ', ', in '), quote=False)}" if way else said
    return html.escape(line, quote=False)


def _listed(head: str, items: Sequence[str]) -> str:
    return f"<p>{head}:</p><ul>" + "".join(f"<li>{inline(item)}</li>" for item in items) + "</ul>"


def _wrapped(text: str, margin: str = "  ") -> str:
    return textwrap.fill(
        plain(text), WIDTH, initial_indent=margin, subsequent_indent=margin if margin == "  " else margin + "  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
