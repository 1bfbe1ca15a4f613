"""Check the Binder files: repo2docker accepts them and would install this package on a Python that it supports."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Say what is wrong in a sentence each; return the exit code."""
    repo2docker = str(Path(sys.executable).with_name("repo2docker"))
    done = subprocess.run(
        [repo2docker, "--no-build", "--debug", "--user-id=1000", "--user-name=reader", "."],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    said, wrong = done.stdout + done.stderr, []
    if done.returncode:
        print(said, file=sys.stderr)
        wrong.append("repo2docker refuses the repository, for the reason above.")
    python = (ROOT / ".binder" / "runtime.txt").read_text().strip()
    if not re.fullmatch(r"python-3\.1[1-3]", python):
        wrong.append(f".binder/runtime.txt asks for {python!r}: write python-3.11, 3.12 or 3.13.")
    if done.returncode == 0:
        version = python.removeprefix("python-")
        if f"python={version}" not in said:
            wrong.append(f"repo2docker does not set up Python {version}.")
        after = said.partition("src/ ${REPO_DIR}/")[2]
        if 'pip install --no-cache-dir -r ".binder/requirements.txt"' not in after:
            wrong.append("repo2docker does not install .binder/requirements.txt after it has copied the repository.")
        if ".binder/postBuild" not in after.partition("pip install")[2]:
            wrong.append("repo2docker does not run .binder/postBuild, which copies the exercises into my/, at the end.")
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    if not wrong:
        print(f"Binder: repo2docker accepts the repository, with {python} and .binder/requirements.txt.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
