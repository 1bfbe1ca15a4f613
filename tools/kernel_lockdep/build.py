"""Build a User Mode Linux kernel with lockdep and the driver beside this file, from an unpacked kernel tree.

Usage: python tools/kernel_lockdep/build.py SOURCE TARGET

    SOURCE    the top folder of an unpacked kernel, 6.1 or newer; it is not changed
    TARGET    a folder for a copy of it, in which `linux` is built; made if it is not there, used again if it is

Needs gcc, make, flex, bison and bc. Takes two minutes and 2 GB. One thing is changed in the copy: a rwlock's readers
queue (read_lock_is_recursive(), kernel/locking/lockdep.c), as they do on every SMP kernel and on no User Mode Linux.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONFIG = """
CONFIG_64BIT=y
CONFIG_EXPERT=y
CONFIG_BUG=y
CONFIG_PRINTK=y
CONFIG_STDERR_CONSOLE=y
CONFIG_KALLSYMS=y
CONFIG_DEBUG_KERNEL=y
CONFIG_PROVE_LOCKING=y
"""
NEEDED = ("CONFIG_PROVE_LOCKING=y", "CONFIG_PROVE_RCU=y")
LEFT_OUT = ("drivers/gpu", "drivers/gpu/drm", "drivers/net", "drivers/media", "drivers/staging", "sound")
"""Folders that a tree may lack when it was unpacked for reading; an empty Makefile stands for them."""


def main() -> int:
    """Build; 0 when `linux` is there, 1 when the kernel's own build failed, 2 when it cannot be tried."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    if not (source / "arch/um").is_dir():
        print(f"{source}: there is no arch/um in it, so it is not the top folder of a kernel", file=sys.stderr)
        return 2
    lacking = [name for name in ("gcc", "make", "flex", "bison", "bc") if shutil.which(name) is None]
    if lacking:
        print(f"not installed: {', '.join(lacking)}", file=sys.stderr)
        return 2
    try:
        build(source, target)
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(error.cmd)} failed:\n{error.stdout[-3000:]}", file=sys.stderr)
        return 1
    print(f"Built {target / 'linux'}")
    return 0


def build(source: Path, target: Path) -> None:
    """Copy the tree, add the driver, configure and build."""
    if not target.exists():
        shutil.copytree(source, target, symlinks=True)
    shutil.copy(HERE / "driver.c", target / "lib/kernel_lockdep.c")
    _once(target / "lib/Makefile", "\nobj-y += kernel_lockdep.o\n")
    _once(target / "lib/Makefile", "\nCFLAGS_kernel_lockdep.o += -I$(srctree)/arch/um/include/shared\n")
    _once(target / "kernel/rcu/Kconfig", "\nconfig KERNEL_LOCKDEP_SRCU\n\tdef_bool y\n\tselect SRCU\n")
    lockdep = target / "kernel/locking/lockdep.c"
    lockdep.write_text(lockdep.read_text().replace("!IS_ENABLED(CONFIG_QUEUED_RWLOCKS) ||", "0 ||"))
    for folder in LEFT_OUT:
        (target / folder).mkdir(parents=True, exist_ok=True)
        (target / folder / "Makefile").touch()
    _configure(target)
    _make(target, "-j2", "linux")


def _once(file: Path, text: str) -> None:
    """Append a text to a file, unless it is there."""
    if text not in (was := file.read_text()):
        file.write_text(was + text)


def _configure(target: Path) -> None:
    while lacks := re.search(r"can't open file \"([^\"]+)\"", _make(target, "tinyconfig", check=False)):
        (target / lacks[1]).parent.mkdir(parents=True, exist_ok=True)
        (target / lacks[1]).touch()
    config = target / ".config"
    config.write_text(config.read_text() + CONFIG)
    _make(target, "olddefconfig")
    made = config.read_text().splitlines()
    missing = [line for line in NEEDED if line not in made]
    if missing:
        raise SystemExit(f"{config}: {', '.join(missing)} is not in it, so this tree cannot be used")


def _make(target: Path, *what: str, check: bool = True) -> str:
    command = ["make", "-C", str(target), "ARCH=um", *what]
    return subprocess.run(command, check=check, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


if __name__ == "__main__":
    sys.exit(main())
