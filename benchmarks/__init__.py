"""The speed claims of the book, each a command: ``python -m benchmarks`` measures them all and prints one table.

To add one, put a module into this package; there is no list to extend::

    from benchmarks.measure import measure
    from benchmarks.registry import Effort, Row, benchmark

    @benchmark("lockdep")
    def lockdep_cost(effort: Effort) -> Iterator[Row]:
        acquires = effort.pick(tiny=10, quick=1_000, full=10_000)
        timing = measure(lambda: …, effort.repeats)
        yield Row("acquire and release, no lockdep", timing, operations=acquires)

Every figure comes from the run that prints it. A ratio compares two figures of that run. A peer that is not installed
is a row without a timing that says so.
"""
