"""Find the scenarios in a reader's file: execute it, and see which of its names stand for a `Scenario`."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
import types
from collections.abc import Iterator

from kvmlab.scenario import Scenario


class BadFile(Exception):
    """A file, or a name in it, that cannot be used; the text is one sentence that says why."""


def split(target: str) -> tuple[str, str | None]:
    r"""The path and the name in ``FILE.py:NAME``; the name is None in ``FILE.py``.

    The path may hold colons of its own: ``C:\locks\circle.py:fixed``.

    Raises:
        BadFile: it is neither of the two.
    """
    found = re.fullmatch(r"(.+\.py)(?::([^/\\]*))?", target, re.DOTALL)
    if found is None:
        raise BadFile(_no_target(target))
    path, name = found[1], found[2]
    if name == "":
        raise BadFile(f"{target!r} has no name after the colon: write {path}:NAME, or only {path}.")
    if name is not None and ":" in name:
        raise BadFile(f"{target!r} gives more than one name: write {path}:{name.split(':')[0]} for one of them.")
    return path, name


@contextlib.contextmanager
def scenarios(path: str) -> Iterator[dict[str, Scenario]]:
    """The scenarios of the file at `path`, by variable name, in the order in which they were bound.

    The file is executed: its folder comes first on ``sys.path``, it is imported, not the main program, and what it
    prints goes to stderr. A scenario with two names is listed under the first. What loading changed in this process
    is set back at the end of the block.

    Raises:
        BadFile: the file cannot be read or executed, or has no scenario.
    """
    full = os.path.abspath(path)
    code = _compiled(path, full)
    module = types.ModuleType(_module_name(full))
    module.__file__ = full
    before = sys.path[:], sys.argv, sys.modules.get(module.__name__)
    sys.path.insert(0, os.path.dirname(os.path.realpath(full)))
    sys.argv, sys.modules[module.__name__] = [path], module
    try:
        with contextlib.redirect_stdout(sys.stderr):
            _execute(code, module, path)
        found = {name: thing for name, thing in vars(module).items() if isinstance(thing, Scenario)}
        if not found:
            raise BadFile(f"{path} has no Scenario: give it one, such as circle = Scenario(World, first, second).")
        yield found
    finally:
        sys.path[:], sys.argv = before[:2]
        sys.modules.pop(module.__name__, None)
        if before[2] is not None:
            sys.modules[module.__name__] = before[2]


def chosen(found: dict[str, Scenario], path: str, name: str | None) -> dict[str, Scenario]:
    """The scenarios that are meant: the one called `name`, or each one once.

    Raises:
        BadFile: none is called `name`.
    """
    if name is None:
        first: dict[int, str] = {}
        for known, scenario in found.items():
            first.setdefault(id(scenario), known)
        return {known: found[known] for known in first.values()}
    if name not in found:
        raise BadFile(f"{path} has no Scenario called {name!r}; it has {', '.join(found)}.")
    return {name: found[name]}


def only(found: dict[str, Scenario], path: str) -> tuple[str, Scenario]:
    """The one scenario of `found`.

    Raises:
        BadFile: there are several.
    """
    if len(found) > 1:
        raise BadFile(f"{path} has several Scenarios: name one of {', '.join(f'{path}:{name}' for name in found)}.")
    return next(iter(found.items()))


def _no_target(target: str) -> str:
    if os.path.isdir(target):
        return f"{target} is a directory: name a file in it, FILE.py."
    if target.endswith(".ipynb"):
        return f"{target} is a notebook: call explore in its cells, or put the Scenario into a file, FILE.py."
    path, _, name = target.partition(":")
    meant = f"{path}.py:{name}" if name else f"{path}.py"
    guess = f" Did you mean {meant}?" if os.path.isfile(path + ".py") else ""
    return f"{target!r} is neither FILE.py nor FILE.py:NAME.{guess}"


def _compiled(path: str, full: str) -> types.CodeType:
    try:
        kind = os.stat(full).st_mode
        if stat.S_ISDIR(kind):
            raise BadFile(f"{path} is a directory: name a file in it, FILE.py.")
        if not stat.S_ISREG(kind):
            raise BadFile(f"{path} is not a file with text in it.")
        with open(full, "rb") as file:
            source = file.read()
    except FileNotFoundError:
        raise BadFile(f"there is no file {path}.") from None
    except (OSError, ValueError) as error:
        raise BadFile(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    try:
        return compile(source, full, "exec", dont_inherit=True)
    except SyntaxError as error:
        where = f"line {error.lineno} is" if error.lineno else "this is"
        raise BadFile(f"{path}: {where} not Python: {error.msg}.") from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise BadFile(f"{path}: this is not Python: {error or type(error).__name__}.") from None


def _execute(code: types.CodeType, module: types.ModuleType, path: str) -> None:
    try:
        exec(code, vars(module))
    except KeyboardInterrupt:
        raise
    except SystemExit as error:
        where = _where(error, code.co_filename)
        raise BadFile(
            f'{path}: {where} ends the program (SystemExit); only do that under if __name__ == "__main__".'
        ) from None
    except BaseException as error:
        where = _where(error, code.co_filename)
        text = " ".join(str(error).split()).rstrip(".")
        raise BadFile(f"{path}: {where} raised {type(error).__name__}{': ' + text if text else ''}.") from None


def _where(error: BaseException, full: str) -> str:
    """``line 3`` of the file, or ``helper.py line 7`` when a neighbour that it imports went wrong."""
    place, trace = (full, 1), error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file == full or os.path.dirname(os.path.realpath(file)) == os.path.dirname(os.path.realpath(full)):
            place = (file, trace.tb_lineno)
        trace = trace.tb_next
    return f"line {place[1]}" if place[0] == full else f"{os.path.basename(place[0])} line {place[1]}"


def _module_name(full: str) -> str:
    """The name under which the file is imported: its own, unless that means something else here already."""
    stem = os.path.splitext(os.path.basename(full))[0]
    taken = not stem.isidentifier() or stem in sys.modules or stem in sys.stdlib_module_names
    return "scenario_file" if taken else stem
