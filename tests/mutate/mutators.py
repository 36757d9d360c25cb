"""The mutants of a C source: each changes one place of one function. Pure: no I/O."""

import dataclasses
import hashlib
import re

RELATIONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
JUNCTIONS = {"&&": "||", "||": "&&"}
OPERATORS = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/", "+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=",
             "++": "--", "--": "++", "<<": ">>", ">>": "<<", "&": "|", "|": "&"}
ORDERS = {"memory_order_acquire": "memory_order_relaxed", "memory_order_release": "memory_order_relaxed",
          "memory_order_acq_rel": "memory_order_relaxed", "memory_order_seq_cst": "memory_order_relaxed"}
CONTRACTS = frozenset(("REQUIRE", "assert", "_Static_assert", "static_assert"))
CLEAN_UP = re.compile(
    r"(?:^|_)(?:close|closedir|fclose|free|unlock|finish|finalize|destroy|release|unref|munmap|unmap|unlink|"
    r"rollback|abort|cancel|discard|forget|stop|join|remove|clear|reset)(?:$|_)")
DIRECTIVE = re.compile(r"%([-+ #0]*)(\d+|\*)?(?:\.(\d+|\*))?(hh|h|ll|l|z|j|t)?([diouxXeEfgGcs])")
INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)")
NAME = re.compile(r"[A-Za-z_]\w*")
WORDS = {"true", "false", "NULL"}
PLACE = re.compile(r"&?[A-Za-z_][\w.>\-]*(?:\[\w+\])?")
KINDS = ("negate", "widen", "junction", "not", "constant", "operator", "remove-call", "clean-up",
         "remove-statement", "early-return", "result", "swap-arguments", "memory-order", "format")


@dataclasses.dataclass(frozen=True)
class Mutant:
    path: str
    function: str
    kind: str
    start: int  # of the text that is replaced
    end: int
    old: str
    new: str
    line: int
    text: str  # the source's line, without indentation
    reach: tuple  # the first and the last line of the statement
    body: tuple  # the same of the function
    number: int  # among the equal changes of this function, of lines with the same text
    extra: tuple = ()  # a second change: (start, end, new)

    @property
    def identity(self):
        """The same after a shift of lines."""
        key = "\0".join((self.path, self.function, self.kind, self.text, self.old, self.new, str(self.number)))
        return hashlib.sha256(key.encode()).hexdigest()[:12]

    def apply(self, text):
        changes = [(self.start, self.end, self.new), *([self.extra] if self.extra else [])]
        for start, end, new in sorted(changes, reverse=True):
            text = text[:start] + new + text[end:]
        return text


class _Finder:
    def __init__(self, source):
        self.source = source
        self.tokens = source.tokens
        self.found = []
        self.counts = {}
        self.reach = ()

    def add(self, function, kind, start, end, new, extra=()):
        """`self.reach` has the statement's tokens."""
        line = self.source.line_of(start)
        text, old = self.source.line_text(line), self.source.text[start:end]
        key = (function.name, kind, text, old, new)
        number = self.counts[key] = self.counts.get(key, 0) + 1
        self.found.append(Mutant(self.source.path, function.name, kind, start, end, old, new, line, text,
                                 self.lines(self.reach), self.lines(self.span(function.open, function.close + 1)),
                                 number, extra))

    def lines(self, span):
        return tuple(self.source.line_of(k) for k in span)

    def span(self, first, last):
        return self.tokens[first].start, self.tokens[last - 1].end

    def in_function(self, function):
        for statement in function.statements:
            if statement.first >= statement.last or statement.kind == "assertion" \
                    or self.tokens[statement.first].text in CONTRACTS:
                continue
            self.reach = self.span(statement.first, statement.last)
            self.whole_statement(function, statement)
            self.inside(function, statement)
        self.early_return(function)

    def early_return(self, function):
        words = set(function.result.split())
        begin = self.tokens[function.open + 1].start
        self.reach = self.span(function.open + 1, function.close + 1)
        if "*" in words:
            value = " NULL"
        elif "void" in words:
            value = ""
        elif words & {"struct", "union"}:
            return
        else:
            value = " 0"
        if function.close - function.open > 2:
            self.add(function, "early-return", begin, begin, f"if (1) return{value}; ")

    def whole_statement(self, function, statement):
        start, end = self.span(statement.first, statement.last)
        first = self.tokens[statement.first].text
        if statement.kind == "condition" and statement.word in ("if", "while"):
            text = self.source.text[start:end]
            if text not in ("true", "1"):
                self.add(function, "negate", start, end, f"!({text})")
        elif statement.kind in ("goto", "break", "continue"):
            self.add(function, "remove-statement", start, end, "")
        elif statement.kind == "return" and statement.last - statement.first > 1:
            value = self.source.text[self.tokens[statement.first].end:end].strip()
            words = set(function.result.split())
            if words & {"struct", "union"} or "*" in words:
                if "*" in words and value != "NULL":
                    self.add(function, "result", start, end, "return NULL")
            elif "bool" in words:
                opposite = {"true": "false", "false": "true"}.get(value, f"!({value})")
                self.add(function, "result", start, end, f"return {opposite}")
            else:
                self.add(function, "result", start, end, "return 1" if value == "0" else "return 0")
        elif statement.kind == "expression":
            call = statement.first
            if first == "(" and self.source.word(call + 1) == "void":
                call += 3
            if NAME.fullmatch(self.source.word(call)) and self.source.word(call + 1) == "(" \
                    and self.source.partner[call + 1] == statement.last - 1:
                kind = "clean-up" if CLEAN_UP.search(self.source.word(call)) else "remove-call"
                self.add(function, kind, start, end, "")
            elif first != "(" and self.source.word(statement.first) != "(":
                self.add(function, "remove-statement", start, end, "")

    def inside(self, function, statement):
        i = statement.first
        while i < statement.last:
            word = self.tokens[i].text
            if word in CONTRACTS:
                i = self.source.partner[i + 1] + 1
                continue
            if statement.kind == "declaration" and word == "[" and not self.is_initialised(statement, i):
                i = self.source.partner[i] + 1  # the size of an array
                continue
            self.token(function, statement, i, word)
            i += 1

    def is_initialised(self, statement, i):
        return any(self.tokens[k].text == "=" for k in range(statement.first, i))

    def token(self, function, statement, i, word):
        start, end = self.tokens[i].start, self.tokens[i].end
        before, after = self.source.word(i - 1), self.source.word(i + 1)
        binary = i > statement.first and bool(re.fullmatch(r"\w+|\)|\]|['\"].*", before)) \
            and before not in ("return", "case") and not self.casts(i - 1)
        declared = statement.kind == "declaration" and not self.is_initialised(statement, i)
        if word in RELATIONS and binary:
            kind = "negate" if word in ("==", "!=") else "widen"
            self.add(function, kind, start, end, RELATIONS[word])
        elif word in JUNCTIONS:
            self.add(function, "junction", start, end, JUNCTIONS[word])
        elif word == "!" and after != "=":
            self.add(function, "not", start, end, "")
        elif word in ("++", "--") or word in OPERATORS and binary and not declared:
            self.add(function, "operator", start, end, OPERATORS[word])
        elif word in ORDERS:
            self.add(function, "memory-order", start, end, ORDERS[word])
        elif INTEGER.fullmatch(word) and statement.word != "switch":
            number, suffix = INTEGER.fullmatch(word).groups()
            for step in (1, -1):
                value = int(number, 0 if number.lower().startswith("0x") else 10) + step
                if value >= 0:
                    self.add(function, "constant", start, end, f"{value:#x}{suffix}" if "x" in number.lower()
                             else f"{value}{suffix}")
        elif word[0] == '"' and len(word) > 2:
            self.format(function, start, end)
        elif word == "(" and NAME.fullmatch(before) and before not in ("if", "while", "switch", "for", "sizeof"):
            self.arguments(function, i)

    def casts(self, i):
        """Whether this bracket closes a cast, after which an operator has one operand."""
        if self.source.word(i) != ")":
            return False
        first = self.source.partner[i] + 1
        words = [self.source.word(k) for k in range(first, i)]
        return bool(words) and not NAME.fullmatch(self.source.word(first - 2)) and bool(re.fullmatch(
            r"(?:(?:const|struct|unsigned|signed|int|char|long|short|double|float|bool|void|\w+_t)\s?)+(?:\*\s?)*",
            " ".join(words)))

    def arguments(self, function, i):
        parts, begin, k, close = [], i + 1, i + 1, self.source.partner[i]
        while k < close:
            if self.tokens[k].text in ("(", "[", "{"):
                k = self.source.partner[k]
            elif self.tokens[k].text == ",":
                parts.append((begin, k))
                begin = k + 1
            k += 1
        parts.append((begin, close))
        for left, right in zip(parts, parts[1:]):
            if left[0] >= left[1] or right[0] >= right[1]:
                continue
            (a, b), (c, d) = self.span(*left), self.span(*right)
            one, two = self.source.text[a:b], self.source.text[c:d]
            if one != two and PLACE.fullmatch(one) and PLACE.fullmatch(two) and not {one, two} & WORDS:
                self.add(function, "swap-arguments", a, b, two, (c, d, one))

    def format(self, function, start, end):
        text = self.source.text[start:end]
        for found in DIRECTIVE.finditer(text):
            flags, width, precision, size, letter = found.groups()
            at = start + found.start()
            if precision and precision.isdigit():
                new = f"%{flags}{width or ''}.{int(precision) + 1}{size or ''}{letter}"
            elif width and width.isdigit() and "0" in flags:
                new = f"%{flags.replace('0', '')}{width}{size or ''}{letter}"
            elif width and width.isdigit():
                new = f"%{flags}{int(width) + 1}{size or ''}{letter}"
            elif letter in "xX":
                new = f"%{flags}{size or ''}{letter.swapcase()}"
            elif letter in "du":
                new = f"%{flags}{size or ''}x"
            elif letter in "gG":
                new = f"%{flags}.3{letter}"
            else:
                continue
            self.add(function, "format", at, start + found.end(), new)


def find_mutants(source):
    finder = _Finder(source)
    for function in source.functions:
        finder.in_function(function)
    return finder.found
