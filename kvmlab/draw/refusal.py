"""What a drawing says of something that it cannot draw."""

from __future__ import annotations

from kvmlab.errors import shown

LIMIT = 60
"""Up to how many characters of code stand in an error."""


def named(given: object) -> str:
    """`given` in an error: as code if that is short, else by its type; what this package made always by its type."""
    kind, code = type(given), shown(given)
    if not kind.__module__.startswith("kvmlab.") and len(code) <= LIMIT and "\n" not in code:
        return code
    return f"{'an' if kind.__name__[0] in 'AEIOUaeiou' else 'a'} {kind.__name__}"
