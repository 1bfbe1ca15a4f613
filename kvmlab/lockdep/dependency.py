"""The four types of dependency between an outer lock and an inner one.

Kernel: __calc_dep_bit(), kernel/locking/lockdep.c, 6.12; Documentation/locking/lockdep-design.rst, "Recursive read
locks".
"""

from __future__ import annotations

from enum import Enum

from kvmlab.lockdep.kinds import Strength


class Dependency(Enum):
    """outer -> inner, by how the outer lock was held (E or S) and how the inner one was asked for (N or R).

    E: exclusively. S: as a reader. N: not as a recursive reader. R: as a recursive reader.
    """

    EN = "EN"
    ER = "ER"
    SN = "SN"
    SR = "SR"

    @property
    def outer_shared(self) -> bool:
        """The outer lock was held as a reader: S."""
        return self.value[0] == "S"

    @property
    def inner_recursive(self) -> bool:
        """The inner lock was asked for as a recursive reader: R."""
        return self.value[1] == "R"

    def strong_after(self, inner_recursive: bool) -> bool:
        """Whether this dependency may follow one that ends in R (or in N) on a strong path.

        The only step that is not strong is xR followed by Sx: a recursive reader does not wait for a reader.
        """
        return not (inner_recursive and self.outer_shared)


def dependency(outer: Strength, inner: Strength) -> Dependency:
    """The type of the dependency that asking for `inner` under `outer` makes."""
    first = "E" if outer is Strength.EXCLUSIVE else "S"
    second = "R" if inner is Strength.RECURSIVE else "N"
    return Dependency(first + second)
