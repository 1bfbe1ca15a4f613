"""``python -m kvmlab``: explore, run and replay the scenarios of a file."""

import sys

from kvmlab.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
