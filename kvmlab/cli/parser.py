"""How every command of kvmlab reads its call."""

from __future__ import annotations

import argparse
from typing import NoReturn

UNUSABLE = 2
"""The exit code of a call that cannot be used."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a call in one sentence, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Say `message` and end."""
        self.exit(UNUSABLE, f"{message}; see {self.prog} --help\n")
