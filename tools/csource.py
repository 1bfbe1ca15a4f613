"""Find definitions in C source text, without a compiler.

Comments, strings and preprocessor lines are blanked out before braces are counted, and the branches of an ``#if`` each
count from the same depth, so that two heads of one body do not unbalance the rest. It knows the kernel's ways to define
things: functions, ``SYSCALL_DEFINEn()`` and its like, structs, unions, enums, typedefs, macros, ``DEFINE_...(name)``
and variables of the file.
"""

from __future__ import annotations

import re

COMMENT_OR_STRING = re.compile(
    r"""/\*.*?\*/ | //(?:\\\n|[^\n])* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+'""", re.DOTALL | re.VERBOSE
)
DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(\w*)(?:\\\n|[^\n])*", re.MULTILINE)


def blank(text: str) -> str:
    """Return as many spaces as `text` has characters; its line ends stay."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text: str) -> str:
    """Return `text` with its comments blanked out; strings stay."""
    return COMMENT_OR_STRING.sub(lambda found: blank(found[0]) if found[0].startswith("/") else found[0], text)


def squeezed(text: str) -> str:
    """Return `text` with every run of white space as one space."""
    return " ".join(text.split())


class Source:
    """A C file and where its parts are."""

    def __init__(self, text: str) -> None:
        self.text = text
        code = COMMENT_OR_STRING.sub(lambda found: blank(found[0]), text)
        self.directives = [(found.start(), found[1], found[0]) for found in DIRECTIVE.finditer(code)]
        self.code = DIRECTIVE.sub(lambda found: blank(found[0]), code)
        self.depths = self._depths()

    def _depths(self) -> list[int]:
        """Return the depth of braces before each character."""
        turns = {place: word for place, word, _ in self.directives if word.startswith(("if", "el", "endif"))}
        depths: list[int] = []
        depth, at_if = 0, list[int]()
        for place, char in enumerate(self.code):
            word = turns.get(place)
            if word in ("if", "ifdef", "ifndef"):
                at_if.append(depth)
            elif word == "endif" and at_if:
                at_if.pop()
            elif word and at_if:
                depth = at_if[-1]
            depths.append(depth)
            depth += (char == "{") - (char == "}" and depth > 0)
        return depths

    def _closing(self, place: int) -> int:
        """Return the place of the round bracket that closes the one at `place`, or -1."""
        level = 0
        for bracket in re.compile(r"[()]").finditer(self.code, place):
            level += 1 if bracket[0] == "(" else -1
            if level == 0:
                return bracket.start()
        return -1

    def _end_of_block(self, place: int) -> int:
        """Return the place of the brace that closes the one at `place`, with ``#if`` branches taken into account."""
        outside = self.depths[place]
        for further in range(place + 1, len(self.code)):
            if self.code[further] == "}" and self.depths[further] == outside + 1:
                return further
        return len(self.code) - 1

    def functions(self, name: str) -> list[str]:
        """Return the text of every definition of the function `name`: its head and its body."""
        found = []
        # name(...) {  or  SYSCALL_DEFINE3(name, ...) {
        for match in re.finditer(rf"(?:\b[A-Z][A-Z0-9_]*(\()\s*)?\b{re.escape(name)}\b\s*(\()?", self.code):
            opening = max(match.start(1), match.start(2)) if match[2] else match.start(1)
            if opening < 0 or self.depths[opening]:
                continue
            brace = self._body_after(self._closing(opening))
            if brace >= 0:
                start = self._start_of_head(match.start())
                found.append(self.text[start : self._end_of_block(brace) + 1].strip())
        return found

    def _body_after(self, place: int) -> int:
        """Return where the body begins after the bracket closed at `place`, or -1; attributes may stand between."""
        while place >= 0:
            between = re.compile(r"\s*(?:([A-Z_]\w*)\s*)?([({])?").match(self.code, place + 1)
            if not between or not between[2]:
                return -1
            if between[2] == "{":
                return between.end() - 1
            if not between[1]:
                return -1
            place = self._closing(between.end() - 1)
        return -1

    def _start_of_head(self, place: int) -> int:
        """Return where the head of the definition at `place` begins, the comment above it left out."""
        before = max(self.code.rfind(";", 0, place), self.code.rfind("}", 0, place), self._directive_end(place)) + 1
        return place - len(self.code[before:place].lstrip())

    def _directive_end(self, place: int) -> int:
        return max((start + len(text) for start, _, text in self.directives if start < place), default=-1)

    def macros(self, name: str) -> list[str]:
        """Return the text of every ``#define`` of `name`."""
        head = re.compile(rf"[ \t]*#[ \t]*define[ \t]+{re.escape(name)}\b")
        return [self.text[start : start + len(text)] for start, _, text in self.directives if head.match(text)]

    def types(self, name: str) -> list[str]:
        """Return the text of every struct, union or enum `name` (with or without that word before it)."""
        bare = name.split()[-1]
        kinds = name.split()[0] if " " in name else "struct|union|enum"
        found = []
        for match in re.finditer(rf"\b(?:{kinds})\s+{re.escape(bare)}\s*\{{", self.code):
            found.append(self.text[match.start() : self._end_of_block(match.end() - 1) + 1])
        return found

    def variables(self, name: str) -> list[str]:
        """Return the text of what defines the variable or typedef `name` in the file, outside of functions."""
        word = re.escape(name)
        forms = [
            rf"\b(?:DEFINE|DECLARE)_\w+\(\s*(?:[^,()]*,\s*)?{word}\s*[,)]",
            rf"\b(?:LIST_HEAD|HLIST_HEAD|BLOCKING_NOTIFIER_HEAD|ATOMIC_NOTIFIER_HEAD|RAW_NOTIFIER_HEAD)\(\s*{word}\s*\)",
            rf"^[A-Za-z_][\w\s*]*?[\s*]{word}\s*(?:\[[^]]*\]\s*)*(?:__\w+\s*(?:\([^)]*\)\s*)?)*[=;]",
            rf"\}}\s*(?:__\w+\s*)*{word}\s*[=;]",
        ]
        return [
            found[0]
            for form in forms
            for found in re.finditer(form, self.code, re.MULTILINE)
            if not self.depths[found.end() - 1]
        ]

    def bodies(self, name: str) -> list[str]:
        """Return the text of every definition of `name` that has a body: functions, macros, types."""
        return [*self.functions(name), *self.macros(name), *self.types(name)]

    def defines(self, name: str) -> bool:
        """Return whether the file defines `name` in any way."""
        return bool(self.bodies(name) or self.variables(name))
