"""Grading a folder of submitted notebooks: ``python -m kvmlab grade SUBMISSIONS``.

Contract
- Every notebook runs in a process of its own, in an empty folder, with limits on its time and memory. Whatever one does
  to itself, the others are graded.
- What counts are the tasks of the chapter and the check of this kvmlab, not the checks that the notebook brings along.
- What has been graded is kept: a second run grades only what is new, changed, or was not graded.
"""

from kvmlab.practice.grading.cli import main

__all__ = ["main"]
