"""Reads C: masks what is no code, finds functions and their statements, with positions in the text.

Pure: no I/O. Comments, literals and directives are masked, so that offsets into the masked text are offsets
into the source.
"""

import dataclasses
import re

COMMENT_OR_LITERAL = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
TOKEN = re.compile(
    r"0[xX][0-9a-fA-F]+[uUlL]*|(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?[uUlLfF]*|\w+"
    r"|<<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[\"']\x00*[\"']|\S")
KEYWORDS = frozenset("if else for while do switch case default return goto break continue sizeof "
                     "_Static_assert static_assert _Alignof".split())
TYPE_WORDS = frozenset("const static struct enum union unsigned signed int char bool short long double float "
                       "void volatile register extern typedef _Atomic _Bool _Thread_local".split())
CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclasses.dataclass(frozen=True)
class Token:
    text: str
    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class Statement:
    """`kind`: expression, declaration, return, goto, break, continue, condition (of `word`), or for."""
    kind: str
    first: int  # tokens, from first to before last, without the semicolon
    last: int
    word: str = ""


@dataclasses.dataclass(frozen=True)
class Function:
    name: str
    result: str  # the words before the name, such as "static bool"
    open: int  # its braces, as tokens
    close: int
    statements: tuple


def mask(text):
    """The same length and lines, without comments and directives. A literal keeps its quotes, with NULs in them."""
    def hide(match):
        found = match[0]
        if found[0] == "/":
            return re.sub(r"[^\n]", " ", found)
        return found[0] + "\0" * (len(found) - 2) + found[0]
    text = COMMENT_OR_LITERAL.sub(hide, text)
    return DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


class Source:
    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.masked = mask(text)
        self.tokens = [Token(m[0], m.start(), m.end()) for m in TOKEN.finditer(self.masked)]
        self.lines = text.splitlines()
        self.line_starts = [0] + [m.end() for m in re.finditer("\n", text)]
        self.partner = self._match_brackets()
        self.functions = list(self._find_functions())

    def line_of(self, offset):
        """Counts from 1."""
        low, high = 0, len(self.line_starts)
        while high - low > 1:
            middle = (low + high) // 2
            if self.line_starts[middle] <= offset:
                low = middle
            else:
                high = middle
        return low + 1

    def line_text(self, line):
        return self.lines[line - 1].strip()

    def word(self, index):
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def _match_brackets(self):
        partner, stack = {}, []
        for i, token in enumerate(self.tokens):
            if token.text in CLOSING:
                stack.append(i)
            elif token.text in CLOSING.values():
                if not stack or CLOSING[self.tokens[stack[-1]].text] != token.text:
                    return {}  # half of an #if: the file is left alone
                partner[stack[-1]] = i
                partner[i] = stack.pop()
        return {} if stack else partner

    def _find_functions(self):
        i, begin = 0, 0
        while i < len(self.tokens) and self.partner:
            word = self.word(i)
            if word == "{" and self.word(i - 1) == ")":
                name = self.partner[i - 1] - 1
                if re.fullmatch(r"[A-Za-z_]\w*", self.word(name)) and self.word(name) not in KEYWORDS:
                    close = self.partner[i]
                    result = " ".join(self.word(k) for k in range(begin, name))
                    statements = tuple(_Parser(self, close).block(i + 1))
                    yield Function(self.word(name), result, i, close, statements)
            if word in CLOSING:
                i = self.partner[i]
            if self.word(i) in (";", "}"):
                begin = i + 1
            i += 1


class _Parser:
    """Statements of one body, nested ones in order of their position."""

    def __init__(self, source, close):
        self.source = source
        self.close = close
        self.found = []

    def block(self, i):
        while i < self.close:
            i = self.statement(i)
        return self.found

    def add(self, kind, first, last, word=""):
        self.found.append(Statement(kind, first, last, word))

    def simple(self, kind, i, word=""):
        """To the semicolon outside of all brackets; returns the token after it."""
        k = i
        while k < self.close and self.source.word(k) != ";":
            k = self.source.partner[k] + 1 if self.source.word(k) in CLOSING else k + 1
        self.add(kind, i, k, word)
        return k + 1

    def statement(self, i):
        word, following = self.source.word(i), self.source.word(i + 1)
        if word in ("{", "}", ";", "else", "do"):
            return i + 1
        if word in ("if", "while", "switch") and following == "(":
            self.add("condition", i + 2, self.source.partner[i + 1], word)
            return self.source.partner[i + 1] + 1
        if word == "for" and following == "(":
            self.add("for", i + 2, self.source.partner[i + 1], word)
            return self.source.partner[i + 1] + 1
        if word in ("case", "default") or following == ":" and re.fullmatch(r"[A-Za-z_]\w*", word):
            while self.source.word(i) != ":" and i < self.close:
                i += 1
            return i + 1
        if word in ("return", "goto", "break", "continue"):
            return self.simple(word, i)
        if word in ("_Static_assert", "static_assert"):
            return self.simple("assertion", i, word)
        if re.fullmatch(r"[A-Za-z_]\w*", word) and following == "(" \
                and re.fullmatch(r"\{|[A-Za-z_]\w*", self.source.word(self.source.partner[i + 1] + 1)):
            return self.source.partner[i + 1] + 1  # a macro that loops
        return self.simple("declaration" if self.declares(i) else "expression", i)

    def declares(self, i):
        if self.source.word(i) in TYPE_WORDS:
            return True
        if not re.fullmatch(r"[A-Za-z_]\w*", self.source.word(i)):
            return False
        k = i + 1
        while self.source.word(k) in ("*", "const"):
            k += 1
        return bool(re.fullmatch(r"[A-Za-z_]\w*", self.source.word(k))) \
            and self.source.word(k + 1) in ("=", ";", ",", "[")
