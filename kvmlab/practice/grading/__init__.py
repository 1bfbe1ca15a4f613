"""Grading a folder of submitted notebooks: ``python -m kvmlab grade SUBMISSIONS``.

Contract
- Every notebook runs in a process of its own, in an empty folder, with limits on its time and memory. Whatever one does
  to itself, the others are graded. A check that ruins the process costs its own task only: a new process does the next.
- A cell that failed is not silence: a task that it was to answer is "not yet", and the reason names the cell.
- What counts are the tasks of the chapter and the check of this kvmlab, not the checks that the notebook brings along.
- Nothing is heard but the worker's own lines, and of tasks only after the cells have ended. That stops a forger who
  writes to the pipe, not one who looks for the token or changes kvmlab in memory: the answer runs where it is judged.
- What has been graded is kept: a second run grades only what is new, changed, or was not graded. An interrupt ends
  what runs at once.
"""
