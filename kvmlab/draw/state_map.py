"""The state graph: every state that a small scenario can reach; of a large one, the way to its nearest deadlock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvmlab.draw.layout import HEAD, Arrow, Box, Point, Route, lay_out
from kvmlab.draw.markup import element, label, line_height, width
from kvmlab.draw.picture import Picture
from kvmlab.draw.refusal import named
from kvmlab.draw.sheet import MARGIN, Sheet, arrowhead, path
from kvmlab.errors import ScenarioError
from kvmlab.graph import StateGraph, state_graph
from kvmlab.scenario import Scenario
from kvmlab.verdict import plural, table

ALL = 300
"""Up to how many states all of them are drawn. Graphviz takes about half a second for that many."""

LISTED = 60
"""Up to how many moves the text lists them all."""

NUMBERED = 150
"""Up to how many moves the arrows bear the number of the task that moves."""

TEXT = 12.5
WORDS = {"dead": "deadlock", "done": "done", "failed": "failed", "open": ""}


@dataclass(frozen=True)
class Move:
    """An arrow of the graph: `task` moves from state `start` to state `end`."""

    start: int
    task: int
    end: int


@dataclass(frozen=True)
class Selection:
    """The part of a state graph that is drawn.

    Attributes:
        states: their numbers, in order.
        moves: in order; all those of every state that has any.
        way: those of the shortest way to a deadlock, or else to a failure, or else to the end.
        goal: where that way leads: ``deadlock``, ``failure``, or ``end``.
    """

    states: tuple[int, ...]
    moves: tuple[Move, ...]
    way: tuple[Move, ...]
    goal: str


def states(graph: StateGraph | Scenario, *, caption: str | None = None) -> Picture:
    """The states of a scenario and the moves between them.

    A state is a box with the number of operations that each task has done. An arrow bears the number of the task that
    moves. The shortest way to a deadlock is thick. A dotted box is a state from which every way ends in a deadlock. Of
    a graph with more than 300 states only that way and what branches off it is drawn.

    Args:
        graph: what `state_graph` returned, or a scenario for it.
        caption: a sentence to stand below it.

    Raises:
        ScenarioError: it is neither, or the scenario has no state graph.
    """
    drawn = state_graph(graph) if isinstance(graph, Scenario) else graph
    if not isinstance(drawn, StateGraph):
        raise ScenarioError(f"states draws what state_graph(scenario) returned, or a scenario, not {named(graph)}")
    chosen = _select(drawn)
    return Picture(_text(drawn, chosen), lambda: _draw(drawn, chosen), caption)


def _select(graph: StateGraph) -> Selection:
    kind = next(kind for kind in ("dead", "failed", "done", "open") if kind in graph.kinds)
    at, way = 0, []
    for task in graph.way_to(graph.kinds.index(kind)):
        way.append(Move(at, task, graph.moves[task][at]))
        at = way[-1].end
    shown = range(len(graph)) if len(graph) <= ALL else sorted({0, *(move.end for move in way)})
    moves = tuple(
        Move(state, task, column[state])
        for state in shown
        for task, column in enumerate(graph.moves)
        if column[state] >= 0
    )
    goal = {"dead": "deadlock", "failed": "failure"}.get(kind, "end")
    return Selection(tuple(sorted({*shown, *(move.end for move in moves)})), moves, tuple(way), goal)


def _counts(graph: StateGraph, state: int) -> str:
    """How many operations each task has done: ``2·1``. Every way to the state has the same."""
    way = graph.way_to(state)
    return "·".join(str(way.count(task)) for task in range(len(graph.tasks)))


def _is_doomed(graph: StateGraph, state: int) -> bool:
    return graph.kinds[state] == "open" and graph.dead_ahead[state] == graph.ahead[state]


def _draw(graph: StateGraph, chosen: Selection) -> Sheet:
    goes_on = {*chosen.states} - {move.start for move in chosen.moves}
    lines = [_lines(graph, state, cut=state in goes_on) for state in chosen.states]
    boxes = [
        Box(max(width(line, TEXT, mono=True) for line in box) + 14, line_height(TEXT) * len(box) + 8) for box in lines
    ]
    position = {state: at for at, state in enumerate(chosen.states)}
    numbered = len(chosen.moves) <= NUMBERED
    size = (width("0", TEXT) + 6, line_height(TEXT)) if numbered else (0, 0)
    arrows = [Arrow(position[move.start], position[move.end], *size) for move in chosen.moves]
    placed = lay_out(boxes, arrows, gap=14, rise=22 if numbered else 30)
    sheet = Sheet("kl-states")
    for move, route in zip(chosen.moves, placed.routes, strict=True):
        _draw_move(sheet, move, route, thick=move in chosen.way and chosen.goal != "end")
    for state, words, box, middle in zip(chosen.states, lines, boxes, placed.boxes, strict=True):
        sheet.cover_box(middle, box.width, box.height)
        sheet.parts.append(_box(graph, state, words, box, middle))
    for at, line in enumerate(_legend(graph, chosen, numbered=numbered), 1):
        y = placed.height + 2 * MARGIN + line_height(TEXT) * at
        sheet.parts.append(label((line,), 0, y, TEXT, anchor="start", class_="kl-muted"))
        sheet.cover(Point(0, y + MARGIN), Point(width(line, TEXT), y))
    return sheet


def _draw_move(sheet: Sheet, move: Move, route: Route, *, thick: bool) -> None:
    sheet.cover(*route.curve, route.tip)
    stroke = 3 if thick else 1.25
    line = element("path", d=path(route.curve), fill="none", stroke="currentColor", stroke_width=stroke)
    tip = arrowhead(route.curve[-1], route.tip, HEAD + 1)
    words = label((str(move.task + 1),), *route.label, TEXT) if route.label else ""
    sheet.parts.append(element("g", line, tip, words, class_=f"kl-move kl-task-{move.task % 6 + 1}"))


def _lines(graph: StateGraph, state: int, *, cut: bool) -> tuple[str, ...]:
    """What stands in the box of `state`."""
    kind = graph.kinds[state]
    word = "start" if state == 0 and kind == "open" else "…" if cut and kind == "open" else WORDS[kind]
    return (_counts(graph, state), word) if word else (_counts(graph, state),)


def _box(graph: StateGraph, state: int, lines: tuple[str, ...], box: Box, middle: Point) -> str:
    kind = "doomed" if _is_doomed(graph, state) else graph.kinds[state]
    bad = kind in {"dead", "failed"}

    def outline(inset: float, stroke: float, dashes: str | None = None) -> str:
        return element(
            "rect", x=middle.x - box.width / 2 + inset, y=middle.y - box.height / 2 + inset, rx=0 if bad else 7,
            width=box.width - 2 * inset, height=box.height - 2 * inset, fill="none", stroke="currentColor",
            stroke_width=stroke, stroke_dasharray=dashes,
        )  # fmt: skip

    outlines = {
        "dead": outline(0, 3.5),
        "failed": outline(0, 3.5),
        "done": outline(0, 1) + outline(3, 1),
        "doomed": outline(0, 2, "1.5 3"),
    }
    words = label(lines, *middle, TEXT, mono=True, bold=bad)
    return element("g", outlines.get(kind, outline(0, 1)), words, class_=f"kl-state kl-{kind}")


def _legend(graph: StateGraph, chosen: Selection, *, numbered: bool) -> list[str]:
    numbers = [str(at) for at, _ in enumerate(graph.tasks, 1)]
    lines = [
        ", ".join(f"{at} {name}" for at, name in zip(numbers, graph.tasks, strict=True)),
        f"in a box: the operations done by {'·'.join(numbers)}",
    ]
    if numbered:
        lines.append("at an arrow: the task that moves")
    if any(_is_doomed(graph, state) for state in chosen.states):
        lines.append("dotted: every way on ends in a deadlock")
    if len(chosen.states) < len(graph):
        lines.append(f"{len(chosen.states):,} of {len(graph):,} states; … goes on")
    return lines


def _text(graph: StateGraph, chosen: Selection) -> str:
    count = sum(1 for column in graph.moves for end in column if end >= 0)
    kinds = [f"{graph.kinds.count(kind)} {kind}" for kind in ("dead", "failed", "done") if kind in graph.kinds]
    lines = [
        f"{plural(len(graph), 'state')}, {plural(count, 'move')}; {', '.join(kinds)}.",
        f"A state counts the operations done by {', '.join(graph.tasks)}.",
    ]
    if count <= LISTED:
        return "\n".join([*lines, _rows(graph, chosen.moves)])
    goal = f"{'an' if chosen.goal == 'end' else 'a'} {chosen.goal}"
    return "\n".join([*lines, f"A shortest way to {goal}:", _rows(graph, chosen.way)])


def _rows(graph: StateGraph, moves: Sequence[Move]) -> str:
    rows = []
    for move in moves:
        place = graph.places[move.task][graph.stands[move.task][move.start]]
        what = f"{place.operation}({place.resource})"
        after = "doomed" if _is_doomed(graph, move.end) else WORDS[graph.kinds[move.end]]
        rows.append((_counts(graph, move.start), graph.tasks[move.task], what, "→", _counts(graph, move.end), after))
    return table(rows)
