"""Whether there is a notebook, and that it costs nothing to ask."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from kvmlab.notebook import shell


def test_the_shell_is_the_one_that_ipython_has(monkeypatch: pytest.MonkeyPatch) -> None:
    running = object()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: running))
    assert shell() is running


def test_where_nobody_has_loaded_ipython_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert shell() is None
    assert "IPython" not in sys.modules
