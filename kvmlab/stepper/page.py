"""The stepper as HTML that needs no kernel: its script, its data, and a table for readers without JavaScript."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from kvmlab.verdict import Step

NAME = "lock-stepper"


@cache
def tag() -> str:
    """The name of the element: with a version, so that two versions can share a page."""
    text = "".join(_static(name) for name in ("stepper.js", "stepper.css"))
    return f"{NAME}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


@cache
def script() -> str:
    """The classic script that defines the element, its style inside."""
    written = _static("stepper.js")
    for before, after in (
        (f'TAG = "{NAME}"', f'TAG = "{tag()}"'),
        ('STYLE = ""', f"STYLE = `{_static('stepper.css')}`"),
    ):
        assert before in written, before
        written = written.replace(before, after, 1)
    return written


def module() -> str:
    """The same as a module, for the widget."""
    return f'{script()}export default {{ render: (context) => customElements.get("{tag()}").live(context) }};\n'


def as_json(data: Any) -> str:
    """`data` as JSON that may stand in a script of a page: nothing in it can end the script or begin another."""
    written = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    written = re.sub("<(?=!|script)", r"\\u003c", written.replace("</", "<\\/"), flags=re.IGNORECASE)
    return written.replace("\u2028", r"\u2028").replace("\u2029", r"\u2029")


def page(anchor: str, data: str, trace: str, start: str = "") -> str:
    """The element with its data, the `trace` as its fallback, and the script.

    It opens at the end of schedule `start`.
    """
    begun = f' data-start="{start}"' if start else ""
    return (
        f'<{tag()} id="{html.escape(anchor)}" class="{NAME}"{begun}><script type="application/json">{data}</script>'
        f'<div class="{NAME}-trace" style="overflow-x:auto">{trace}</div></{tag()}>\n'
        f'<script class="{NAME}-script">{script()}</script>'
    )


def trace(caption: str, steps: Iterable[Step], sentences: Iterable[str]) -> str:
    """A schedule as a table, and what stands at its end as a list."""
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("#", "task", "operation", "line"))
    rows = "".join(f"<tr>{_row(number, step)}</tr>" for number, step in enumerate(steps, 1))
    listed = "".join(f"<li>{_quoted(sentence)}</li>" for sentence in sentences)
    return (
        f"<table><caption>{_quoted(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        if rows
        else f"<p>{_quoted(caption)}</p>"
    ) + (f"<ul>{listed}</ul>" if listed else "")


def _row(number: int, step: Step) -> str:
    call, code, via = f"{step.operation}({step.resource})", step.location.text, step.location.via
    line = f"{step.location.line or ''}{f': <code>{_quoted(code)}</code>' if code else ''}"
    line += f" [{_quoted(' > '.join(via))}]" if via else ""
    return f"<td>{number}</td><td>{_quoted(step.task)}</td><td><code>{_quoted(call)}</code></td><td>{line}</td>"


def _quoted(text: str) -> str:
    return html.escape(text, quote=False)


def _static(name: str) -> str:
    return (files("kvmlab") / "static" / name).read_text(encoding="utf-8")
