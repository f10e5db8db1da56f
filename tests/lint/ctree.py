"""ctree.py - the C files of the house as the lints see them: text, code without comments
and strings, tokens, functions. A small scanner, not a parser; the tree is clang-formatted."""
import pathlib
import re
import sys

FLOORS = ("src", "dns", "registrars", "migrate")
TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|->|[^\s\w]")
KEYWORDS = {"if", "for", "while", "switch", "return", "sizeof", "do", "else", "case"}


def source_dir():
    return pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()


def files(root, suffixes=(".c", ".h")):
    for floor in FLOORS:
        for path in sorted((root / floor).rglob("*")):
            if path.suffix in suffixes:
                yield path, path.relative_to(root).as_posix()


def blank(text):
    """Comments, strings and directives as blanks; lines stay where they are."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

    def keep_lines(match):
        found = match.group(0)
        if found[0] == '"':
            return '""' + " " * (len(found) - 2)
        if found[0] == "'":
            return "0" + " " * (len(found) - 1)
        return re.sub(r"[^\n]", " ", found)

    text = pattern.sub(keep_lines, text)
    directive = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
    return directive.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def strip_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text,
                  flags=re.S)


def tokens(code):
    """(text, line) of each token."""
    line, at, found = 1, 0, []
    for match in TOKEN.finditer(code):
        line += code.count("\n", at, match.start())
        at = match.start()
        found.append((match.group(0), line))
    return found


def closing(toks, at):
    """Index of the bracket that closes the one at `at`."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    stack = []
    for i in range(at, len(toks)):
        text = toks[i][0]
        if text in pairs:
            stack.append(pairs[text])
        elif stack and text == stack[-1]:
            stack.pop()
            if not stack:
                return i
    return len(toks) - 1


class Nesting:
    """The deepest statement of a function's body; the body itself is 0."""

    def __init__(self, toks):
        self.toks, self.deepest = toks, 0

    def block(self, at, end, depth):
        while at < end:
            at = self.statement(at, end, depth)

    def statement(self, at, end, depth):
        self.deepest = max(self.deepest, depth)
        word = self.toks[at][0]
        if word == "{":
            close = closing(self.toks, at)
            self.block(at + 1, close, depth)
            return close + 1
        if word == "do":
            at = self.statement(at + 1, end, depth + 1)
            return self.simple(at, end)
        if word == "if":
            return self.branch(at, end, depth)
        if word in ("case", "default"):
            return self.label(at, end)
        loop = self.head_end(at)
        if loop is not None:
            return self.statement(loop, end, depth + 1)
        return self.simple(at, end)

    def head_end(self, at):
        """Behind `for (…)`, or behind a macro's `each(…)` that a block follows."""
        word = self.toks[at][0]
        if at + 1 >= len(self.toks) or self.toks[at + 1][0] != "(":
            return None
        behind = closing(self.toks, at + 1) + 1
        if word in ("for", "while", "switch"):
            return behind
        is_name = re.match(r"[A-Za-z_]", word) is not None
        return behind if is_name and behind < len(self.toks) and self.toks[behind][0] == "{" else None

    def branch(self, at, end, depth):
        at = self.statement(closing(self.toks, at + 1) + 1, end, depth + 1)
        if at < end and self.toks[at][0] == "else":
            is_chain = self.toks[at + 1][0] == "if"
            at = self.statement(at + 1, end, depth if is_chain else depth + 1)
        return at

    def label(self, at, end):
        while at < end and self.toks[at][0] != ":":
            at += 1
        return at + 1

    def simple(self, at, end):
        while at < end and self.toks[at][0] != ";":
            at = closing(self.toks, at) if self.toks[at][0] in "({[" else at
            at += 1
        return at + 1


def functions(code):
    """(name, first line, last line, nesting) of each function definition."""
    toks, at = tokens(code), 0
    while at < len(toks):
        if toks[at][0] != "{":
            at += 1
            continue
        close = closing(toks, at)
        if at > 0 and toks[at - 1][0] == ")":
            opening = at - 1
            depth = 0
            while opening >= 0:
                depth += {")": 1, "(": -1}.get(toks[opening][0], 0)
                if depth == 0:
                    break
                opening -= 1
            name = toks[opening - 1][0]
            nesting = Nesting(toks)
            nesting.block(at + 1, close, 0)
            yield name, toks[opening - 1][1], toks[close][1], nesting.deepest
        at = close + 1


def statements(code):
    """(text, line) of each declaration at file scope, bodies and initialisers left out."""
    toks, at, words, line = tokens(code), 0, [], 0
    while at < len(toks):
        text, here = toks[at]
        line = line if words else here
        if text == "{":
            close = closing(toks, at)
            words.append("{}")
            ends = close + 1 < len(toks) and toks[close + 1][0] in ";=,"
            if not ends and words[-2:-1] == [")"]:
                words = []
            at = close
        elif text == ";":
            yield " ".join(words), line
            words = []
        else:
            words.append(text)
        at += 1


class Report:
    """Collects complaints; each says what to do."""

    def __init__(self, remedy):
        self.remedy, self.count = remedy, 0

    def say(self, place, text):
        print(f"{place}: {text}")
        self.count += 1

    def finish(self):
        if self.count:
            print(f"{self.count} found. What to do: {self.remedy}")
        return 1 if self.count else 0
