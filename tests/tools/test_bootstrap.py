"""A bad set-up says so in one sentence, with what to do, and ends with an error."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import bootstrap  # noqa: E402  the tools are scripts, not a package

Disk = namedtuple("Disk", "total used free")


def one_sentence(text: str) -> bool:
    """Return whether `text` is one line that ends as a sentence does."""
    return text.count("\n") == 0 and text.endswith(".")


def checkout(tmp_path: Path, git: bool = True) -> Path:
    """Return a copy of what the set-up reads, in a folder of its own."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "requirements.txt", "requirements-test.txt", "constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    if git:
        subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def run(root: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `command` in `root` as a reader would, without this run's own environment."""
    ours = {"PYTHON", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    clean = {key: value for key, value in os.environ.items() if key not in ours}
    return subprocess.run(
        command, cwd=root, env={**clean, **env}, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10), (3, 14), (4, 0)])
def test_a_python_that_does_not_suit_is_named(version: tuple[int, int]) -> None:
    with pytest.raises(bootstrap.Trouble) as trouble:
        bootstrap.check_python(version)
    assert f"this is Python {version[0]}.{version[1]}" in str(trouble.value)
    assert "make PYTHON=" in str(trouble.value)
    assert one_sentence(str(trouble.value))


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_the_three_that_suit_pass(version: tuple[int, int]) -> None:
    bootstrap.check_python(version)


def old_pythons() -> list[str]:
    """Return interpreters of this machine that are too old."""
    found = []
    for path in sorted(glob.glob(str(Path.home() / ".pyenv/versions/*/bin/python"))):
        ask = "import sys; print(sys.version_info[:2] < (3, 11))"
        said = subprocess.run([path, "-c", ask], capture_output=True, text=True, check=False)
        if said.stdout.strip() == "True":
            found.append(path)
    return found


@pytest.mark.parametrize("python", old_pythons(), ids=lambda path: Path(path).parents[1].name)
def test_an_old_python_can_read_the_script_and_says_it_is_too_old(python: str) -> None:
    done = run(ROOT, python, "tools/bootstrap.py", "book")
    assert done.returncode == 1
    assert done.stderr.startswith("The book needs Python 3.11, 3.12 or 3.13 and this is Python")
    assert one_sentence(done.stderr.strip())


def test_no_python_at_all(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    done = run(root, "/bin/sh", "tools/find-python", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "no Python was found" in done.stderr
    assert one_sentence(done.stderr.strip())


def test_a_python_that_does_not_run_is_named(tmp_path: Path) -> None:
    done = run(checkout(tmp_path), "make", "book", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "'no-such-python' does not run" in done.stderr


def test_a_shim_that_fails_is_passed_over(tmp_path: Path) -> None:
    """A pyenv shim exists for a version that is installed and not selected, and fails when called."""
    shims = tmp_path / "shims"
    shims.mkdir()
    works = f'exec "{sys.executable}" "$@"'
    for name, body in (("python3.13", "exit 127"), ("python3.12", "exit 127"), ("python3.11", works)):
        (shims / name).write_text(f"#!/bin/sh\n{body}\n")
        (shims / name).chmod(0o755)
    done = run(checkout(tmp_path), "/bin/sh", "tools/find-python", PATH=f"{shims}:/usr/bin:/bin")
    assert done.stdout.strip() == str(shims / "python3.11")


def test_only_unsuitable_pythons_are_listed_with_their_versions(tmp_path: Path) -> None:
    """The reader sees what was found, not only that it did not suit."""
    shims = tmp_path / "shims"
    shims.mkdir()
    fake = shims / "python3"
    fake.write_text('#!/bin/sh\ncase "$2" in *exit*) exit 1;; *) printf 3.9;; esac\n')
    fake.chmod(0o755)
    done = run(checkout(tmp_path), "/bin/sh", "tools/find-python", PATH=str(shims))
    assert "here python3 is Python 3.9" in done.stderr
    assert one_sentence(done.stderr.strip())


def test_a_python_without_venv_is_named(tmp_path: Path) -> None:
    """Debian's python3 comes without ensurepip until python3-venv is installed."""
    shims = tmp_path / "shims"
    shims.mkdir()
    fake = shims / "python3.11"
    fake.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexit 0\n')
    fake.chmod(0o755)
    done = run(checkout(tmp_path), "/bin/sh", "tools/find-python", PATH=str(shims))
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert one_sentence(done.stderr.strip())


def test_a_tree_without_git(tmp_path: Path) -> None:
    root = checkout(tmp_path, git=False)
    done = run(root, sys.executable, "tools/bootstrap.py", "book", GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("This folder is not a git checkout")
    assert one_sentence(done.stderr.strip())


def test_a_machine_without_git(tmp_path: Path) -> None:
    done = run(checkout(tmp_path), sys.executable, "tools/bootstrap.py", "book", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "install git" in done.stderr
    assert one_sentence(done.stderr.strip())


def test_a_full_disk_is_seen_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(0, 0, 200_000_000))
    with pytest.raises(bootstrap.Trouble, match="needs 1000 MB and this disk has 200 MB free"):
        bootstrap.check_room(1000)


def test_no_network(tmp_path: Path) -> None:
    """The package index is a port where nobody listens."""
    root = checkout(tmp_path)
    nowhere = "http://127.0.0.1:9/simple"
    done = run(
        root,
        sys.executable,
        "tools/bootstrap.py",
        "book",
        PIP_INDEX_URL=nowhere,
        PIP_EXTRA_INDEX_URL=nowhere,
        PIP_CONFIG_FILE=os.devnull,
        PIP_NO_CACHE_DIR="1",
        PIP_RETRIES="0",
        PIP_FIND_LINKS="",
        no_proxy="127.0.0.1",
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("The packages could not be fetched because")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("printed", "begins"),
    [
        ("ERROR: Could not install packages due to an [Errno 28] No space left on device", "The disk ran full"),
        ("WARNING: Retrying after connection broken by 'NewConnectionError(...)'", "The packages could not be fetched"),
        ("ERROR: Cannot install a and b: conflicting dependencies.", "The packages could not be installed"),
    ],
)
def test_what_pip_printed_becomes_a_sentence(printed: str, begins: str) -> None:
    assert bootstrap.explain(printed).startswith(begins)
    assert one_sentence(bootstrap.explain(printed))


def test_the_environment_is_renewed_when_a_pin_changes_and_not_when_ruff_is_set(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    before = bootstrap.fingerprint("book", str(root))
    with (root / "pyproject.toml").open("a") as settings:
        settings.write("\n[tool.other]\nline-length = 100\n")
    assert bootstrap.fingerprint("book", str(root)) == before
    with (root / "constraints.txt").open("a") as pins:
        pins.write("six==1.16.0\n")
    assert bootstrap.fingerprint("book", str(root)) != before


def test_the_script_is_readable_by_old_interpreters() -> None:
    """No syntax that Python 3.6 lacks, whatever interpreters this machine has."""
    import ast

    source = (ROOT / "tools" / "bootstrap.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))
    assert not any(isinstance(node, ast.JoinedStr | ast.AnnAssign) for node in ast.walk(ast.parse(source)))
    assert source.isascii()


def test_make_alone_lists_every_target(tmp_path: Path) -> None:
    done = run(checkout(tmp_path), "make")
    assert done.returncode == 0
    for target in ("book", "test", "serve", "lab", "lint", "bench", "outputs", "clean"):
        assert f"make {target} " in done.stdout


def test_arguments_that_mean_nothing(capsys: Any) -> None:
    assert bootstrap.main(["everything"]) == 2
    assert "Usage" in capsys.readouterr().err
