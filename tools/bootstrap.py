"""Make or refresh the environment in .venv; say in one sentence what is in the way.

Usage: python tools/bootstrap.py book|test

Standard library only. Written so that Python 2.7 and every 3.x can read it, since its first duty is to tell them that
they are too old.
"""

from __future__ import print_function

import hashlib
import os
import shutil
import subprocess
import sys

OLDEST, NEWEST = (3, 11), (3, 13)
ROOM = {"book": 1000, "test": 1500}  # MB: the environment, the site, and pip's own copies while it installs
FILES = {
    "book": ["requirements.txt"],
    "test": ["requirements.txt", "requirements-test.txt"],
}
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")

NETWORK = (
    "NewConnectionError",
    "NameResolutionError",
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname",
    "getaddrinfo failed",
    "Network is unreachable",
    "Connection refused",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Read timed out",
    "timed out",
    "ProxyError",
    "Connection aborted",
    "RemoteDisconnected",
    "(from versions: none)",
)
NO_ROOM = ("No space left on device", "Errno 28", "Disk quota exceeded", "not enough space on the disk")


class Trouble(Exception):
    """What is in the way and what to do about it, in one sentence."""


def check_python(version=None):
    """Raise Trouble unless this Python is one that the pinned packages install on."""
    version = tuple(version or sys.version_info)[:2]
    if not OLDEST <= version <= NEWEST:
        raise Trouble(
            "The book needs Python 3.11, 3.12 or 3.13 and this is Python %d.%d: name another one, as in "
            "'make PYTHON=/path/to/python3.12 book'." % version
        )


def check_git(root=ROOT):
    """Raise Trouble unless `root` is a git checkout that git is willing to read."""
    try:
        git = subprocess.Popen(
            ["git", "-C", root, "rev-parse", "--is-inside-work-tree"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(os.environ, LC_ALL="C"),
        )
    except OSError:
        raise Trouble("The book needs git and there is none on the path: install git and run make again.")
    said = git.communicate()[1].decode("utf-8", "replace")
    if git.returncode == 0:
        return
    if "dubious ownership" in said:
        raise Trouble(
            "git does not trust this folder because another user owns it: run "
            "'git config --global --add safe.directory %s' and then make again." % root
        )
    raise Trouble(
        "This folder is not a git checkout and the book is built from one: fetch it with 'git clone' instead of as an "
        "archive, or run 'git init' here."
    )


def check_room(need, root=ROOT):
    """Raise Trouble unless the disk that holds `root` has `need` megabytes to spare."""
    free = shutil.disk_usage(root).free // 1000000
    if free < need:
        raise Trouble(
            "The book's environment needs %d MB and this disk has %d MB free: make room on it and run make again."
            % (need, free)
        )


def explain(output):
    """Return the sentence for a failed installation that printed `output`."""
    if any(sign in output for sign in NO_ROOM):
        return "The disk ran full while packages were installed: make room (%d MB) and run make again." % ROOM["test"]
    if any(sign in output for sign in NETWORK):
        return (
            "The packages could not be fetched because the package index does not answer: check the network (or the "
            "proxy and index that pip is set to use) and run make again."
        )
    return (
        "The packages could not be installed, for the reason above: put it right and run make again, or report it "
        "with these lines."
    )


def python_of(venv=VENV):
    """Return the path of the interpreter in `venv`."""
    return os.path.join(venv, "bin", "python")


def fingerprint(kind, root=ROOT):
    """Return a digest of all that the environment of `kind` is made from."""
    digest = hashlib.sha256(("%s %s" % (sys.version, root)).encode())
    for name in FILES[kind] + ["constraints.txt", "pyproject.toml"]:
        with open(os.path.join(root, name), "rb") as source:
            digest.update(source.read().split(b"\n[tool.")[0])  # settings of tools change nothing that is installed
    return digest.hexdigest()


def run(command, what):
    """Run `command`; on failure show the lines that matter and raise Trouble with the reason."""
    env = dict(os.environ, PYTHONNOUSERSITE="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    env.pop("PYTHONPATH", None)
    env.pop("PYTHONHOME", None)
    env.setdefault("PIP_RETRIES", "2")
    env.setdefault("PIP_DEFAULT_TIMEOUT", "20")
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.communicate()[0].decode("utf-8", "replace")
    if process.returncode:
        lines = [line for line in output.splitlines() if line.strip()]
        errors = [line for line in lines if line.lstrip().lower().startswith("error")] or lines[-15:]
        print("\n".join(errors[-15:]), file=sys.stderr)
        reason = explain(output)
        if what == "venv" and reason.startswith("The packages"):
            reason = (
                "Python could not make an environment in .venv: install its venv module (on Debian and Ubuntu: "
                "apt-get install python3-venv) and run make again."
            )
        raise Trouble(reason)


def runs(python):
    """Return whether `python` is there and is this very version of Python."""
    try:
        said = subprocess.check_output([python, "-c", "import sys; sys.stdout.write(sys.version)"])
    except (OSError, subprocess.CalledProcessError):
        return False
    return said.decode("utf-8", "replace") == sys.version


def prepare(kind):
    """Bring .venv to what `kind` needs; do nothing when it already is."""
    check_python()
    check_git()
    stamp = os.path.join(VENV, "ready-for-" + kind)
    wanted = fingerprint(kind)
    if os.path.exists(stamp) and os.path.exists(python_of()):
        with open(stamp) as made:
            if made.read() == wanted:
                return
    fresh = not runs(python_of())
    check_room(ROOM[kind] if fresh else ROOM[kind] // 3)
    if fresh:
        print("Making the environment in .venv (once; a few minutes).")
        shutil.rmtree(VENV, ignore_errors=True)
        run([sys.executable, "-m", "venv", VENV], "venv")
    else:
        print("Bringing the environment in .venv up to date.")
    install = [python_of(), "-m", "pip", "install", "--quiet", "--no-input", "--no-warn-script-location"]
    for name in FILES[kind]:
        install += ["-r", name]
    run(install, "pip")
    for done in FILES if kind == "test" else [kind]:
        with open(os.path.join(VENV, "ready-for-" + done), "w") as made:
            made.write(fingerprint(done))


def main(arguments):
    """Prepare the environment named on the command line; return the exit code."""
    if len(arguments) != 1 or arguments[0] not in FILES:
        print("Usage: python tools/bootstrap.py book|test", file=sys.stderr)
        return 2
    try:
        prepare(arguments[0])
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except (OSError, IOError) as error:
        full = "Errno 28" in str(error)
        print(explain(str(error)) if full else "The environment could not be made: %s." % error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; run make again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
