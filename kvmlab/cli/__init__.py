"""The command line: ``python -m kvmlab explore circle.py``. See `main`."""

from kvmlab.cli.commands import main

__all__ = ["main"]
