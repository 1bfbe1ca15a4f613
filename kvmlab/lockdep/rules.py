"""The rule sets: two real lockdeps, and one without their blind spots.

IRQ contexts and lock comparison functions are left out of all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kvmlab.errors import shown


@dataclass(frozen=True)
class Rules:
    """What distinguishes one lockdep from another.

    Attributes:
        name: what `linux=` takes.
        every_held: draw a dependency from every lock held, not only from the innermost one that was waited for.
            Kernel: check_prevs_add() stops at the first held lock that is no trylock, 6.12; when that one is a
            recursive reader, the dependency from the locks further out is lost.
        two_marks: mark a class as visited after the test of strength, weak and strong arrivals apart.
            Kernel: __bfs() marks before the test and once, 6.12.
        srcu_seen: check SRCU readers, and take synchronize_srcu() for an empty exclusive section.
            Kernel: since v6.4, f0f44752f5f6. Before, a reader was held but not checked, and the wait not seen.
    """

    name: str
    every_held: bool
    two_marks: bool
    srcu_seen: bool


LINUX_6_12 = Rules("6.12", every_held=False, two_marks=False, srcu_seen=True)
LINUX_6_1 = Rules("6.1", every_held=False, two_marks=False, srcu_seen=False)
COMPLETE = Rules("complete", every_held=True, two_marks=True, srcu_seen=True)

RULES: Mapping[str, Rules] = MappingProxyType({rules.name: rules for rules in (LINUX_6_12, LINUX_6_1, COMPLETE)})
"""Every rule set by name."""


def rules_called(linux: object) -> Rules:
    """The rule set of that name, or a rule set itself; ValueError, in a sentence, for anything else."""
    if isinstance(linux, Rules):
        return linux
    if isinstance(linux, str) and linux in RULES:
        return RULES[linux]
    known = ", ".join(f'"{name}"' for name in RULES)
    if isinstance(linux, (int, float)) and str(linux) in RULES:
        raise ValueError(f'there are no rules linux={linux!r}: write linux="{linux}", as a text; there are {known}')
    raise ValueError(f"there are no rules linux={shown(linux)}; there are {known}")
