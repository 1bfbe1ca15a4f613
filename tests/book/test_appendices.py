"""The appendices are complete: every name, hash, lock and operation that they promise is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import kvmlab
import kvmlab.errors
import kvmlab.kvm
import kvmlab.lockdep
import kvmlab.primitives
from kvmlab import draw, practice, threading
from kvmlab.operation import Resource

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
sys.path[:0] = [str(ROOT / "tools"), str(BOOK / "_ext")]
import claims  # noqa: E402  the tools are scripts, not a package
import kl_index  # noqa: E402

CHAPTERS = sorted(BOOK.glob("[0-9]*.ipynb"))
ANNOTATIONS = {"lockdep", "LockdepMap", "might_lock", "nest_lock", "nested", "Rules"}


def page(name: str) -> str:
    """Return the text of a page."""
    return (BOOK / name).read_text(encoding="utf-8")


def code_in(text: str) -> set[str]:
    """Return the words that `text` has in code spans."""
    return {word for span in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"\w+", span)}


@pytest.mark.parametrize("module", [kvmlab.primitives, kvmlab.kvm], ids=["primitives", "kvm"])
def test_every_name_of_the_models_has_its_kernel_side(module: object) -> None:
    assert set(module.__all__) - code_in(page("python_and_kernel.md")) == set()  # type: ignore[attr-defined]


def test_every_annotation_of_lockdep_has_its_kernel_side() -> None:
    assert ANNOTATIONS - code_in(page("python_and_kernel.md")) == set()


def test_the_map_names_nothing_that_is_not_there() -> None:
    """The first column of each table is made of names that can be imported."""
    known = {*dir(kvmlab.kvm), *dir(sys.modules["kvmlab.lockdep"]), *dir(kvmlab)}
    known |= {name for kind in vars(kvmlab.primitives).values() for name in dir(kind)}
    rows = re.findall(r"^\| (`[^|]+) \|", page("python_and_kernel.md"), re.MULTILINE)
    assert rows
    assert {word for row in rows for word in code_in(row)} - known - {"kvmlab", "kvm"} == set()


def documented() -> set[str]:
    """Return the names that the reference documents."""
    return set(re.findall(r"^\.\. auto(?:function|class|exception):: ([\w.]+)", page("api.md"), re.MULTILINE))


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("kvmlab", set(kvmlab.__all__) - {"lockdep", "LockError", "ScenarioError"}),
        ("kvmlab.kvm", set(kvmlab.kvm.__all__)),
        ("kvmlab.draw", set(draw.__all__) - {"NoGraphviz"}),
        ("kvmlab.practice", set(practice.__all__)),
        ("kvmlab.lockdep", ANNOTATIONS),
        ("kvmlab.errors", {"LockError", "ScenarioError"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_reference_has_every_public_name(module: str, names: set[str]) -> None:
    missing = {f"{module}.{name}" for name in names} - documented()
    assert missing == set()


def test_the_reference_names_nothing_that_is_not_there() -> None:
    for name in documented():
        module, _, last = name.rpartition(".")
        __import__(module)
        assert hasattr(sys.modules[module], last), name


def test_every_operation_is_in_the_table() -> None:
    """Every kind of resource that a reader can make has its operations printed."""
    kinds = [
        kind
        for module in (kvmlab.primitives, kvmlab.kvm, threading)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Resource) and kind.operations
    ]
    printed = page("operations.ipynb")
    missing = [
        f"{kind.__name__}: {each.name}"
        for kind in kinds
        for each in kind.operations
        if f'"{each.name}\\n"' not in printed
    ]
    assert missing == []


def test_every_operation_says_when_and_what() -> None:
    for module in (kvmlab.primitives, kvmlab.kvm, threading):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, Resource):
                for each in kind.operations:
                    assert re.match(r"(always|when [^:]+|as [^:;]+)[:;] \S", each.effect_text), (kind, each.name)


def test_every_commit_that_a_chapter_names_is_in_the_bibliography() -> None:
    commit = re.compile(r"`((?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{8,12})`")
    named = {found for chapter in CHAPTERS for found in commit.findall(claims.prose(chapter))}
    listed = set(commit.findall(page("bibliography.md")))
    assert named - listed == set()


def test_every_work_that_a_chapter_cites_by_name_is_in_the_bibliography() -> None:
    """Works are cited in italics after a title in quotes."""
    cited = {
        " ".join(title.split())
        for chapter in CHAPTERS
        for title in re.findall(r'^- [A-Z][^"\n]*, "([^"]+)",\s+\*', claims.prose(chapter), re.MULTILINE)
    }
    listed = " ".join(page("bibliography.md").split()).lower()
    assert {title for title in cited if title.rstrip(".").lower() not in listed} == set()


def test_every_lock_of_the_index_is_spoken_of() -> None:
    spoken = set(kl_index.occurrences(BOOK, "locks"))
    assert set(kl_index.LOCKS) - spoken == set()


def test_every_kernel_lock_in_the_text_is_in_the_index() -> None:
    """What is written as a member of a structure is the kernel's, and so is what ends like a lock of it."""
    spans = [span for chapter in CHAPTERS for span in kl_index.in_code(claims.prose(chapter))]
    members = {span for span in spans if re.fullmatch(r"(?:kvm|vcpu)->(?:\w*lock|\w*mutex|\w*srcu)", span)}
    assert {span for span in members if not kl_index.locks([span])} == set()


def test_the_index_knows_functions_from_words_of_ours() -> None:
    spans = ["kvm_put_kvm()", "get_safe()", "wait()", "mutex_lock(&kvm_lock)", "kvm_lock", "kzalloc()"]
    assert kl_index.functions(spans) == ["kvm_put_kvm", "mutex_lock", "kzalloc"]


def test_the_command_that_counts_runs_of_the_circle_works() -> None:
    (command,) = re.findall(r"PYTHONPATH=(\S+) \.venv/bin/python -c '\n(.*?)'\n", page("how_measured.md"), re.DOTALL)
    folder, program = command
    once = subprocess.run(
        [sys.executable, "-c", program.replace("300", "1")],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT / folder)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert re.fullmatch(r"[01] hung\n", once.stdout)


def test_every_appendix_is_reached_from_the_contents() -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = {entry["file"] for part in toc["parts"] for entry in part["chapters"]}
    pages = [path for path in claims.pages(BOOK) if path.stem != "index"] + [BOOK / "claims.md"]
    assert {f"book/{path.stem}" for path in pages} - listed == set()
