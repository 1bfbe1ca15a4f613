"""Finds circles: in who waits for whom, in which lock is taken under which."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence


def shortest_circle(ahead: Mapping[str, Sequence[str]]) -> list[str]:
    """The names on a shortest circle, each leading to the next and the last to the first; empty if there is none.

    Args:
        ahead: by name, the names that it leads to. Of several shortest circles the one that begins first is taken.
    """
    best: list[str] = []
    for start in ahead:
        before: dict[str, str] = {}
        queue = deque([start])
        while queue and start not in before:
            name = queue.popleft()
            for following in ahead.get(name, ()):
                if following not in before:
                    before[following] = name
                    queue.append(following)
        if start in before:
            way = [start]
            while before[way[-1]] != start:
                way.append(before[way[-1]])
            if not best or len(way) < len(best):
                best = [start, *reversed(way[1:])]
    return best


def reachable(ahead: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """By name, all names that it leads to in one step or more."""
    found: dict[str, set[str]] = {}
    for start in ahead:
        reached: set[str] = set()
        queue = list(ahead[start])
        while queue:
            name = queue.pop()
            if name not in reached:
                reached.add(name)
                queue += ahead.get(name, ())
        found[start] = reached
    return found
