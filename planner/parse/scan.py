"""Scanner: the client's text becomes lexemes by the rules of PostgreSQL's scan.l.

sqlglot has a tokenizer, but its rules differ from PostgreSQL's in ways clients meet: `($1,$2)`, user-made
operators, `a-->b`, E'' strings, 63-byte names. So the text is scanned here and sqlglot is given tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlvec.core.errors import SqlError, UndefinedParameter

from .lexeme import Kind, Lexeme, error_near, syntax_error
from .literals import fold, read_comment, read_dollar_quoted, read_prefixed, read_string, unquote_identifier

MAX_PARAMETERS = 65535  # Bind counts them in 16 bits

_LETTER = r"A-Za-z_\x80-\U0010ffff"

_NEXT = re.compile(
    rf"""
    (?:[ \t\n\r\f\v]++|--[^\n\r]*+)*+
    (?:
      (?P<prefixed>[eEbBxXnN]'|[uU]&['"])
    | (?P<word>[{_LETTER}][0-9${_LETTER}]*+)
    | (?P<sign>::|:=|\.\.|[,()\[\];:]|\.(?![0-9]))
    | (?P<string>')
    | (?P<quoted>"[^"]*+(?:""[^"]*+)*+")
    | (?P<parameter>\$[0-9]++)
    | (?P<number>0[xX](?:_?[0-9a-fA-F])++|0[oO](?:_?[0-7])++|0[bB](?:_?[01])++
        |(?:[0-9](?:_?[0-9])*+(?:\.(?!\.)(?:[0-9](?:_?[0-9])*+)?+)?+|\.[0-9](?:_?[0-9])*+)
         (?:[eE][+-]?[0-9](?:_?[0-9])*+)?+)
    | (?P<comment>/\*)
    | (?P<operator>[~!@\#^&|`?+\-*/%<>=]++)
    | (?P<dollar>\$(?:[{_LETTER}][0-9{_LETTER}]*+)?+\$)
    | (?P<end>\Z)
    | (?P<other>.)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD, _SIGN, _OPERATOR, _END = (_NEXT.groupindex[group] for group in ("word", "sign", "operator", "end"))
_JUNK = re.compile(rf"[{_LETTER}]")
_JUNK_END = re.compile(rf"[0-9${_LETTER}]*")
_COMMENT_IN_OPERATOR = re.compile(r"--|/\*")
_LINE_BREAK = re.compile(r"[\n\r]")


class Scanner:
    """Reads one text; `error` is what stopped it before the end, if anything did.

    The error is kept, not raised: PostgreSQL reports a wrong word in front of it first.
    """

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.lexemes: list[Lexeme] = []
        self.error: SqlError | None = None
        try:
            self._scan()
        except SqlError as error:
            self.error = error

    def statements(self) -> Iterator[tuple[list[Lexeme], Lexeme | None]]:
        """The lexemes of each statement that has any, and the semicolon that ends it."""
        start = 0
        for index, lexeme in enumerate(self.lexemes):
            if lexeme.value == ";" and lexeme.kind is Kind.SIGN:
                if index > start:
                    yield self.lexemes[start:index], lexeme
                start = index + 1
        if start < len(self.lexemes):
            yield self.lexemes[start:], None

    def _scan(self) -> None:
        sql, match, append = self.sql, _NEXT.match, self.lexemes.append
        make, word, sign = tuple.__new__, Kind.WORD, Kind.SIGN  # Lexeme(...) would take twice as long
        position = 0
        while True:
            found = match(sql, position)
            assert found is not None
            group = found.lastindex or 0
            start, position = found.span(group)
            if group == _WORD:
                append(make(Lexeme, (word, fold(sql[start:position]), start, position)))
            elif group == _SIGN:
                append(make(Lexeme, (sign, sql[start:position], start, position)))
            elif group == _OPERATOR:
                position = self._operator(start, position)
            elif group == _END:
                return
            else:
                position = self._literal(str(found.lastgroup), start, position)

    def _literal(self, group: str, start: int, end: int) -> int:
        """Everything but words, signs and operators; returns where to go on."""
        sql = self.sql
        if group == "string":
            return self._string(read_string(sql, start))
        if group == "quoted":
            self.lexemes.append(unquote_identifier(sql, start, end))
            return end
        if group == "parameter":
            self._refuse_junk(start, end, "parameter")
            self.lexemes.append(Lexeme(Kind.PARAMETER, sql[start + 1 : end], start, end))
            return end
        if group == "number":
            self._refuse_junk(start, end, "numeric literal")
            self.lexemes.append(Lexeme(Kind.NUMBER, _decimal(sql[start:end]), start, end))
            return end
        if group == "comment":
            return read_comment(sql, start)
        if group == "dollar":
            return self._string(read_dollar_quoted(sql, start, end))
        if group == "prefixed":
            return self._string(read_prefixed(sql, start))
        if sql[start] == '"':
            raise error_near("unterminated quoted identifier", sql, start)
        raise syntax_error(sql, Lexeme(Kind.SIGN, sql[start], start, end))

    def _string(self, lexeme: Lexeme) -> int:
        """Add a string; one that continues the string of an earlier line is joined to it."""
        previous = self.lexemes[-1] if self.lexemes else None
        if previous and previous.kind is Kind.STRING and lexeme.kind is Kind.STRING:
            is_plain = self.sql[lexeme.start] == "'" and self.sql[previous.end - 1] == "'"
            if not is_plain or not _LINE_BREAK.search(self.sql, previous.end, lexeme.start):
                raise syntax_error(self.sql, lexeme)
            lexeme = Lexeme(Kind.STRING, previous.value + lexeme.value, previous.start, lexeme.end)
            self.lexemes[-1] = lexeme
        else:
            self.lexemes.append(lexeme)
        return lexeme.end

    def _operator(self, start: int, end: int) -> int:
        """Cut an operator at a comment, and take trailing + and - off as scan.l does."""
        text = self.sql[start:end]
        if len(text) > 1 and (comment := _COMMENT_IN_OPERATOR.search(text)):
            text = text[: comment.start()]
            end = start + len(text)
        if len(text) > 1 and text[-1] in "+-" and not set(text) & set("~!@#%^&|`?"):
            text = text.rstrip("+-") or text[0]
            end = start + len(text)
        if text == "=>":
            self.lexemes.append(Lexeme(Kind.SIGN, text, start, end))
        else:
            self.lexemes.append(Lexeme(Kind.OPERATOR, "<>" if text == "!=" else text, start, end))
        return end

    def _refuse_junk(self, start: int, end: int, what: str) -> None:
        if _JUNK.match(self.sql, end):
            junk = _JUNK_END.match(self.sql, end)
            assert junk is not None
            raise error_near(f"trailing junk after {what}", self.sql, start, junk.end())


def _decimal(text: str) -> str:
    """1_000 and 0x1F as plain decimals, which is what sqlglot and DuckDB read."""
    text = text.replace("_", "") if "_" in text else text
    return str(int(text, 0)) if text[:1] == "0" and text[1:2].isalpha() and text[1] not in "eE" else text


def count_parameters(lexemes: list[Lexeme]) -> int:
    """The highest $n."""
    highest = 0
    for lexeme in lexemes:
        if lexeme.kind is Kind.PARAMETER:
            number = int(lexeme.value) if len(lexeme.value) < 10 else MAX_PARAMETERS + 1
            if not 0 < number <= MAX_PARAMETERS:
                raise UndefinedParameter(f"there is no parameter ${lexeme.value}", position=lexeme.start + 1)
            highest = max(highest, number)
    return highest
