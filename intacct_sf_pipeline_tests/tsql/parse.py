"""Parsing T-SQL: parameters get names, and everything that is a question of words alone is checked here.

Unknown words are refused rather than passed on: a function or an operator that this list lacks may be one that only
another server has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects.tsql import TSQL
from sqlglot.tokens import Token, TokenType

from .errors import RefusedError


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARAMETERS = 2100
_IDENTIFIER = 128
_FUNCTIONS = _words(
    "COUNT SUM MIN MAX AVG COALESCE SUBSTRING CAST LEN LOWER UPPER ABS ROUND NULLIF ROW_NUMBER COUNT_BIG "
    "DATEDIFF_BIG SYSUTCDATETIME CONVERT"
)
_KEYWORDS_BEFORE_PARENTHESIS = _words(
    "IN VALUES AND OR NOT EXISTS ON AS SELECT WHERE FROM JOIN TOP OVER BY WHEN THEN ELSE KEY UNIQUE IDENTITY HAVING "
    "NVARCHAR VARCHAR NUMERIC DECIMAL DATETIME2 FLOAT PRIMARY INTO TABLE UNION ALL APPLY INDEX"
)
_OTHER_SERVERS = _words(
    "LIMIT ILIKE RETURNING CONFLICT TRUE FALSE NULLS REGEXP GLOB BOOLEAN TEXT TIMESTAMPTZ BYTEA SERIAL AUTOINCREMENT "
    "LATERAL IFNULL PRAGMA ARRAY ANY"
)
_PROMISED_NOT_USED = _words(
    "MERGE NOLOCK UPDLOCK HOLDLOCK ROWLOCK TABLOCK TABLOCKX XLOCK READPAST SERIALIZABLE CURSOR TRIGGER"
)
RESERVED = _words(
    "ADD ALL ALTER AND AS ASC AUTHORIZATION BACKUP BEGIN BETWEEN BREAK BROWSE BULK BY CASCADE CASE CHECK CHECKPOINT "
    "CLOSE CLUSTERED COALESCE COLLATE COLUMN COMMIT COMPUTE CONSTRAINT CONTAINS CONTINUE CONVERT CREATE CROSS CURRENT "
    "CURSOR DATABASE DBCC DECLARE DEFAULT DELETE DENY DESC DISK DISTINCT DROP DUMP ELSE END ERRLVL ESCAPE EXCEPT EXEC "
    "EXECUTE EXISTS EXIT EXTERNAL FETCH FILE FILLFACTOR FOR FOREIGN FREETEXT FROM FULL FUNCTION GOTO GRANT GROUP "
    "HAVING HOLDLOCK IDENTITY IF IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY KILL LEFT LIKE LINENO LOAD MERGE "
    "NATIONAL NOCHECK NOT NULL NULLIF OF OFF OFFSETS ON OPEN OPTION OR ORDER OUTER OVER PERCENT PIVOT PLAN PRIMARY "
    "PRINT PROC PROCEDURE PUBLIC RAISERROR READ RECONFIGURE REFERENCES REPLICATION RESTORE RESTRICT RETURN REVERT "
    "REVOKE RIGHT ROLLBACK ROWCOUNT RULE SAVE SCHEMA SELECT SET SETUSER SHUTDOWN SOME STATISTICS TABLE THEN TO TOP "
    "TRAN TRANSACTION TRIGGER TRUNCATE UNION UNIQUE UNPIVOT UPDATE USE USER VALUES VARYING VIEW WAITFOR WHEN WHERE "
    "WHILE WITH"
)
"""Source: Microsoft's Transact-SQL reference, Reserved Keywords (those a table or column could be called)."""


@dataclass(frozen=True)
class Parsed:
    """A statement: its tree with parameters named p0, p1, ... and how many there are."""

    tree: exp.Expression
    text: str
    parameters: int

    def refuse(self, what: str) -> RefusedError:
        """That SQL Server would refuse it."""
        return RefusedError(what, self.text)


@lru_cache(maxsize=4096)
def tokens_of(statement: str) -> tuple[Token, ...]:
    """The words of a statement."""
    return tuple(TSQL().tokenize(statement))


@lru_cache(maxsize=4096)
def parse(statement: str, *, catalogue: bool = False) -> Parsed:
    """One statement of T-SQL.

    Raises:
        RefusedError: it is not one, or has words that SQL Server does not know.
    """
    text = statement.strip().rstrip(";")
    tokens = tokens_of(text)
    marks = [token for token in tokens if token.token_type is TokenType.PLACEHOLDER]
    if len(marks) > PARAMETERS:
        raise RefusedError(f"{len(marks)} parameters, at most {PARAMETERS}", text)
    if not catalogue:
        _check_words(text, tokens)
    try:
        trees = sqlglot.parse(_named(text, marks), read="tsql")
    except sqlglot.ParseError as error:
        raise RefusedError(f"cannot be parsed: {error}", text) from error
    if len(trees) != 1 or trees[0] is None or isinstance(trees[0], exp.Command):
        raise RefusedError("not one statement that the stand-in knows", text)
    return Parsed(trees[0], text, len(marks))


def _named(text: str, marks: list[Token]) -> str:
    parts, at = [], 0
    for number, mark in enumerate(marks):
        parts += [text[at : mark.start], f"@p{number}"]
        at = mark.end + 1
    return "".join([*parts, text[at:]])


def _check_words(text: str, tokens: tuple[Token, ...]) -> None:
    for before, token, following in zip((None, *tokens), tokens, (*tokens[1:], None), strict=False):
        quoted = text[token.start] in '["'
        word = token.text.upper()
        if token.token_type in (TokenType.STRING, TokenType.NATIONAL_STRING):
            if token.token_type is TokenType.STRING and not token.text.isascii():
                raise RefusedError(f"{token.text!r} loses letters without N before it", text)
            continue
        if len(token.text) > _IDENTIFIER and token.token_type in (TokenType.VAR, TokenType.IDENTIFIER):
            raise RefusedError(f"{token.text} is longer than {_IDENTIFIER}", text)
        if quoted:
            continue
        if word in _OTHER_SERVERS | _PROMISED_NOT_USED or word in ("||", "::", "<=>", "->", "->>"):
            raise RefusedError(f"{token.text} is not for SQL Server", text)
        called = following is not None and following.text == "(" and token.text.replace("_", "").isalnum()
        if called and not token.text.isdigit() and _is_unknown(word, before):
            raise RefusedError(f"function {token.text} is not known", text)


def _is_unknown(word: str, before: Token | None) -> bool:
    if word in _FUNCTIONS | _KEYWORDS_BEFORE_PARENTHESIS:
        return False
    names = ("INTO", "TABLE", "VIEW", "ON", "CONSTRAINT", "JOIN", "AS", ".", "UNIQUE", "KEY")
    return before is None or before.text.upper() not in names
