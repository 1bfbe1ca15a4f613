"""The repository keeps to its own rules: one address, no machine's paths, pins that agree, a README of one screen."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import yaml

from kvmlab.practice.task import tasks

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".txt", ".toml", ".yml", ".yaml", ".css", ".js", ".cff", ".ipynb", ".svg", ".sh", ""}
# Files that name such paths in order to forbid them.
SPEAKS_OF_PATHS = {"tests/tools/test_house.py", "tests/book/test_notebooks.py"}


def tracked() -> list[Path]:
    """Return the text files that git tracks or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = (ROOT / line for line in said.stdout.splitlines())
    return sorted(path for path in paths if path.is_file() and path.suffix in TEXT)


def requirements(name: str) -> dict[str, str]:
    """Return the pins in the requirements file `name`."""
    lines = (ROOT / name).read_text().splitlines()
    return {line.split("==")[0]: line for line in lines if "==" in line and not line.startswith(("#", "-"))}


def test_every_mention_of_the_repository_is_the_same() -> None:
    """_config.yml names it; whoever forks the book changes it with one command."""
    url = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    owner, name = url.removeprefix("https://github.com/").split("/")
    mention = re.compile(r"(?:https://github\.com/|mybinder\.org/v2/gh/)([\w.-]*nothing-under[\w.-]*)/([\w-]+)")
    wrong = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        for match in mention.finditer(path.read_text(encoding="utf-8"))
        if match.groups() != (owner, name)
    ]
    assert wrong == []


def test_no_file_holds_a_path_of_one_machine() -> None:
    """What is committed works in any folder."""
    pattern = re.compile(r"(?<![\w.~-])/(?:home/\w|root/|Users/\w|work/|tmp/\w)")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if str(path.relative_to(ROOT)) not in SPEAKS_OF_PATHS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_pins_name_no_package_index() -> None:
    """Where packages come from is the reader's setting."""
    for name in ("requirements.txt", "requirements-test.txt", "constraints.txt", ".binder/requirements.txt"):
        assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links", (ROOT / name).read_text()), name


def test_pins_agree() -> None:
    """Binder and the lock install what requirements.txt says."""
    book, lock = requirements("requirements.txt"), requirements("constraints.txt")
    binder = requirements(".binder/requirements.txt")
    assert {name: book[name] for name in binder} == binder
    for name, line in book.items():
        assert lock[name].split(";")[0].strip() == line.split(";")[0].strip()


def test_requirements_begin_with_the_lock_and_end_with_the_package() -> None:
    """So `pip install -r requirements.txt` gives what was tested."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert (lines[0], lines[-1]) == ("-c constraints.txt", "-e .")


def test_every_dependency_of_the_package_is_locked() -> None:
    """Nothing is installed at a version nobody tried."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.match(r"[\w-]+", line)[0].lower() for line in wanted}  # type: ignore[index]
    assert names <= set(requirements("constraints.txt"))


def test_the_readme_is_one_screen() -> None:
    """What it is, two commands, and where to go on."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert "make book" in text
    assert "make test" in text
    assert not re.search(r"kernel(?:'s)? (?:own )?documentation (?:says|requires|demands)", text)


def test_no_page_says_the_kernel_documentation_has_the_rule() -> None:
    """The rule was proposed in an RFC and never merged."""
    claim = re.compile(r"(?i)the kernel(?:'s)? documentation (?:says|requires|states) ")
    prose = [path for path in tracked() if path.suffix in {".md", ".ipynb"}]
    wrong = [str(path.relative_to(ROOT)) for path in prose if claim.search(path.read_text(encoding="utf-8"))]
    assert wrong == []


def test_there_is_no_static_folder_at_the_root() -> None:
    """jupyter-book would load every script of every static path on every page."""
    assert not (ROOT / "_static").exists()


def test_ci_runs_what_the_readme_says() -> None:
    """One way to test, whoever asks."""
    script = (ROOT / ".ci/run").read_text().splitlines()
    assert {"make book", "make test"} <= set(script)
    assert "- run: .ci/run" in (ROOT / ".github/workflows/ci.yml").read_text()


def test_the_number_of_exercises_is_told_as_it_is() -> None:
    """In the README and on the landing page."""
    assert len(tasks()) == 50
    for page in ("README.md", "book/index.md"):
        assert "Fifty" in (ROOT / page).read_text(encoding="utf-8"), page
