"""An independent judge of strong circles: by brute force, and sharing no code with kvmlab.lockdep.

A typed edge is (outer, inner, how the outer was held, how the inner was asked for), with 0 exclusive, 1 shared,
2 recursive. Documentation/locking/lockdep-design.rst, facts.md 8.3: a circle is strong when nowhere, the place where
it closes included, an edge that asks as a recursive reader is followed by one that holds as a reader.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable

TypedEdge = tuple[str, str, int, int]


def joins(first: TypedEdge, second: TypedEdge) -> bool:
    """Whether `second` may follow `first` on a strong path."""
    recursive_reader, reader = first[3] == 2, second[2] != 0
    return first[1] == second[0] and not (recursive_reader and reader)


def strong_simple_circle(edges: Iterable[TypedEdge]) -> bool:
    """Try every sequence of distinct classes as a circle, with every choice of types."""
    between: dict[tuple[str, str], list[TypedEdge]] = {}
    for edge in edges:
        between.setdefault(edge[:2], []).append(edge)
    classes = sorted({name for pair in between for name in pair})
    return any(
        all(joins(one, other) for one, other in zip(choice, choice[1:] + choice[:1], strict=True))
        for length in range(1, len(classes) + 1)
        for ring in itertools.permutations(classes, length)
        if ring[0] == min(ring)
        for choice in itertools.product(
            *(between.get(pair, []) for pair in zip(ring, ring[1:] + ring[:1], strict=True))
        )
    )


def strong_closed_walk(edges: Collection[TypedEdge]) -> bool:
    """Whether a strong walk comes back to the edge it began with, however often it visits a class."""
    follows = {edge: {other for other in edges if joins(edge, other)} for edge in edges}
    for edge in edges:
        reached: set[TypedEdge] = set()
        todo = list(follows[edge])
        while todo:
            here = todo.pop()
            if here == edge:
                return True
            if here not in reached:
                reached.add(here)
                todo.extend(follows[here])
    return False
