"""What of the stepper never changes, as HTML: buttons, programs, the wait-for graph with every arrow it may ever show.

The script fills it and turns things on and off. All that comes from a scenario is escaped here.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from kvmlab.stepper.programs import Block

TOP = """<div class="top"><p role="status"></p><p class="ahead"></p></div>
<div class="bar"><button class="play" data-do="play">Play the shortest deadlock</button><select aria-label="Speed">\
<option value="2000">slow</option><option value="1000" selected>normal</option><option value="350">fast</option>\
</select><button data-do="undo">Undo</button><button data-do="redo">Redo</button>\
<button data-do="restart">Restart</button>\
<label><input type="checkbox">Predict each step</label></div>
<div class="question"></div>"""

FOOT = """<div class="bar foot"><label>Replay <input type="text" spellcheck="false" autocomplete="off"></label>\
<button data-do="go">Go</button><button data-do="copy">Copy</button><button data-do="link">Copy link</button>\
<p>Keys: {digits} step, U undo, Shift+U redo, R restart, P or Space play</p></div>"""

LINES, WIDE = 8, 24
"""A program of more lines, or wider ones, may have to scroll in its card: it must be within reach of the keyboard."""


def shell(
    title: str,
    tasks: Sequence[str],
    shown: Sequence[int],
    blocks: Sequence[Block],
    programs: Sequence[Sequence[int]],
    graph: str,
) -> str:
    """The whole of it.

    Args:
        title: what is stepped.
        tasks: their names.
        shown: the locks to list, by number.
        blocks: the lines of all programs.
        programs: by task, the blocks of its program.
        graph: the wait-for graph, drawn.
    """
    cards = "".join(
        card(number, name, [(at, blocks[at]) for at in programs[number]]) for number, name in enumerate(tasks)
    )
    listed = "".join(f'<div data-lock="{len(tasks) + at}"></div>' for at in shown)
    heads = "".join(
        f'<th scope="col" title="{quoted(name)}">{chip(at)}{hidden(name)}</th>' for at, name in enumerate(tasks)
    )
    table = (
        f'<div class="scroll"><table><thead><tr><th scope="col">{hidden("operation")}</th>{heads}'
        f'<th scope="col">{hidden("what")}</th></tr></thead><tbody></tbody></table></div>'
    )
    panels = panel("Who waits for whom", graph) + panel("Locks", f"<dl>{listed}</dl>") + panel("Schedule", table)
    digits = "1" if len(tasks) == 1 else f"1–{min(9, len(tasks))}"
    return (
        f'<div class="box" role="group" tabindex="-1" aria-label="Stepper: {quoted(title)}">{TOP}'
        f'<div class="body"><div class="cards">{cards}</div>{panels}</div>{FOOT.format(digits=digits)}</div>'
    )


def card(number: int, name: str, program: Sequence[tuple[int, Block]]) -> str:
    """A task: its button, its program (blocks with their numbers), and room for what it does next."""
    lines = [line(at, row, block) for at, block in program for row in range(len(block.lines))]
    long = len(lines) > LINES or any(len(text) > WIDE for _, block in program for text in block.lines)
    scrolls = f' tabindex="0" role="group" aria-label="Program of {quoted(name)}"' if long else ""
    button = f'<button class="step" data-do="step" data-to="{number}" aria-label="Step {quoted(name)}">Step</button>'
    return (
        f'<div class="card" role="group" aria-label="{quoted(name)}" style="{hue(number)}">'
        f'<p class="name">{chip(number)}<span>{quoted(name)}</span>{button}</p>'
        f'<div class="code"{scrolls}>{"".join(lines)}</div><p class="next"></p></div>'
    )


def line(at: int, row: int, block: Block) -> str:
    """Line `row` of block `at`."""
    number = f'<span class="number" aria-hidden="true">{block.numbers[row] if block.numbers else ""}</span>'
    return f'<div class="line" data-at="{at}:{row}">{number}<code>{quoted(block.lines[row])}</code></div>'


def panel(title: str, body: str) -> str:
    """A part of the stepper under its title."""
    return f'<div class="panel" role="group" aria-label="{title}"><p class="title">{title}</p>{body}</div>'


def value(lock: str, tasks: Sequence[str], parts: Sequence[Sequence[Any]]) -> str:
    """A lock with its value, as `values.parts` gives it."""
    rows = (
        f'<span class="part">{quoted(word)} {"".join(_item(tasks, item) for item in items)}</span>'
        for word, items in parts
    )
    return f"<dt>{quoted(lock)}</dt><dd>{''.join(rows)}</dd>"


def _item(tasks: Sequence[str], item: Any) -> str:
    said = " ".join(
        f"{chip(part)} {quoted(tasks[part])}" if isinstance(part, int) else quoted(part)
        for part in (item if isinstance(item, list) else [item])
    )
    return f'<span class="item">{said}</span> '


def chip(task: int) -> str:
    """A task's number in its colour."""
    return f'<span class="chip" style="{hue(task)}" aria-hidden="true">{task + 1}</span>'


def hue(task: int) -> str:
    """The style that gives a task its colour."""
    return f"--hue:var(--task-{task % 6 + 1})"


def hidden(text: str) -> str:
    """A text for those who hear the page."""
    return f'<span class="hidden">{quoted(text)}</span>'


def quoted(text: str) -> str:
    """`text` for an element or attribute."""
    return html.escape(text)
