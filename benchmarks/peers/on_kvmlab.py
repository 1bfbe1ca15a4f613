"""The five tasks for ``python -m kvmlab explore``."""

from benchmarks.scenarios import written_circle

broken = written_circle()
fixed = written_circle(fixed=True)
