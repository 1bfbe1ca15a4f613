"""The cell of a check fails with one line: what there is to read is in the result above it.

A graded cell reads ``assert check("09.walk").correct`` and must raise, or nbgrader would count it. But the traceback of
that `assert` tells a reader nothing.
"""

from __future__ import annotations

import linecache
import re
from types import TracebackType
from typing import Any

GRADED = re.compile(r"\s*assert check\((['\"])([^'\"]*)\1\)\.correct\b")


def quieten(shell: Any) -> None:
    """Have `shell` show one line where a graded cell raises; every other error stays as it is."""
    if not shell.custom_exceptions:
        shell.set_custom_exc((AssertionError,), _shown)


def in_a_line(trace: TracebackType | None) -> str | None:
    """What to show in place of the traceback of a graded cell; None for any other."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return None
    found = GRADED.match(linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno))
    return f"{found[2]} is not correct yet; the reasons are above." if found else None


def _shown(shell: Any, kind: type[BaseException], error: BaseException, trace: TracebackType, tb_offset: Any) -> None:
    line = in_a_line(trace)
    if line is None:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset, running_compiled_code=True)
    else:
        shell._showtraceback(kind, error, [line])
