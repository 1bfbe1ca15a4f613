"""Where the notebooks are graded: in processes on this machine, or on a Dask cluster."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from kvmlab.practice.grading.sandbox import Limits, Workers, grade
from kvmlab.practice.grading.submissions import Submission

Graded = tuple[Submission, list[dict[str, Any]]]


class NoCluster(Exception):
    """The cluster cannot be used; the text is a sentence."""


def here(found: Sequence[Submission], jobs: int, limits: Limits) -> Iterator[Graded]:
    """Grade with `jobs` processes at a time on this machine; give each notebook as it is done.

    Whoever takes no more, as after an interrupt, ends what runs.
    """
    pool, workers = ThreadPoolExecutor(jobs), Workers()
    try:
        asked = {pool.submit(grade, one.content, one.chapter or "", limits, workers): one for one in found}
        for future in as_completed(asked):
            yield asked[future], future.result()
    finally:
        workers.end()
        pool.shutdown(cancel_futures=True)


def on_cluster(found: Sequence[Submission], address: str, limits: Limits) -> Iterator[Graded]:
    """Hand the notebooks to the Dask cluster at `address`; give each as it is done.

    Raises:
        NoCluster: Dask is not installed, or nobody answers there.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise NoCluster("--scheduler needs Dask: pip install 'kvmlab[cluster]'.") from None
    try:
        client = distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise NoCluster(f"No Dask scheduler answers at {address}: {error}.") from None
    with client:
        asked = {client.submit(grade, one.content, one.chapter or "", limits, pure=False): one for one in found}
        for future in distributed.as_completed(list(asked)):
            yield asked[future], future.result()
