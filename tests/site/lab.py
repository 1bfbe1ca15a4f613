"""A JupyterLab to drive, with its own settings."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

PATIENCE = 60_000  # milliseconds


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def jupyterlab(root: Path, own: Path) -> Iterator[str]:
    """The address of a JupyterLab that serves `root` and keeps its own things in `own`."""
    port = free_port()
    options = {
        "ServerApp.root_dir": root, "ServerApp.port": port, "ServerApp.port_retries": 0, "ServerApp.ip": "127.0.0.1",
        "ServerApp.allow_root": True, "ServerApp.open_browser": False, "IdentityProvider.token": "",
        "LabApp.expose_app_in_browser": True, "LabApp.workspaces_dir": own / "workspaces",
        "LabApp.user_settings_dir": own / "settings", "LabApp.extension_manager": "readonly", "LabApp.news_url": "",
    }  # fmt: skip
    arguments = [f"--{name}={value}" for name, value in options.items()]
    folders = {f"JUPYTER_{name}_DIR": str(own / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    # The kernels are a reader's: they are not under a test.
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_CURRENT_TEST")}
    env |= {**folders, "IPYTHONDIR": str(own / "ipython"), "JUPYTER_PREFER_ENV_PATH": "1"}
    with (own / "log").open("w") as log:
        server = subprocess.Popen([sys.executable, "-m", "jupyterlab", *arguments], env=env, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(address + "api", server, own / "log")
            yield address
        finally:
            server.terminate()
            server.wait(20)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(address, timeout=2).close()
            return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}", pytrace=False)
