"""SOQL trees back to text, and strategies that make trees: for the round-trip properties."""

from decimal import Decimal

from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.salesforce.soql import ast

_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
KEYWORDS = frozenset(
    [
        "select",
        "from",
        "as",
        "where",
        "group",
        "by",
        "having",
        "order",
        "limit",
        "offset",
        "nulls",
        "and",
        "or",
        "not",
        "like",
        "in",
        "true",
        "false",
        "null",
        "asc",
        "desc",
        "first",
        "last",
    ]
)


def quoted(text: str) -> str:
    return "'" + "".join(_ESCAPES.get(c, c) for c in text) + "'"


def render(query: ast.Query) -> str:
    parts = ["SELECT", ", ".join(_column(item) for item in query.select), "FROM", query.source.text]
    parts += [query.alias] if query.alias else []
    parts += ["WHERE", _condition(query.where)] if query.where is not None else []
    parts += ["GROUP BY", ", ".join(_operand(o) for o in query.group_by)] if query.group_by else []
    parts += ["HAVING", _condition(query.having)] if query.having is not None else []
    parts += ["ORDER BY", ", ".join(_order(term) for term in query.order_by)] if query.order_by else []
    parts += [f"LIMIT {query.limit}"] if query.limit is not None else []
    parts += [f"OFFSET {query.offset}"] if query.offset is not None else []
    return " ".join(parts)


def _column(item: ast.SelectItem | ast.SelectChildren) -> str:
    if isinstance(item, ast.SelectChildren):
        return f"({render(item.query)})"
    return _operand(item.operand) + (f" {item.alias}" if item.alias else "")


def _operand(operand: ast.Operand) -> str:
    if isinstance(operand, ast.Call):
        return f"{operand.name}({', '.join(_operand(a) for a in operand.args)})"
    return operand.text


def _order(term: ast.OrderTerm) -> str:
    nulls = "" if term.nulls_last is None else " NULLS LAST" if term.nulls_last else " NULLS FIRST"
    return _operand(term.operand) + (" DESC" if term.descending else "") + nulls


def _condition(condition: ast.Condition) -> str:
    match condition:
        case ast.And(terms):
            return " AND ".join(_term(t) for t in terms)
        case ast.Or(terms):
            return " OR ".join(_term(t) for t in terms)
        case ast.Not(term):
            return f"NOT {_term(term)}"
        case ast.Comparison(operand, op, value):
            return f"{_operand(operand)} {op} {_literal(value)}"
        case ast.Membership(operand, values, negated):
            inner = render(values) if isinstance(values, ast.Query) else ", ".join(_literal(v) for v in values)
            return f"{_operand(operand)} {'NOT IN' if negated else 'IN'} ({inner})"


def _term(condition: ast.Condition) -> str:
    text = _condition(condition)
    return f"({text})" if isinstance(condition, (ast.And, ast.Or)) else text


def _literal(value: ast.Literal) -> str:
    match value:
        case ast.Text(text):
            return quoted(text)
        case ast.Pattern(parts):
            return "'" + "".join(_pattern_part(p) for p in parts) + "'"
        case ast.Number(number):
            return f"{number:f}"
        case ast.Boolean(truth):
            return "TRUE" if truth else "FALSE"
        case ast.Null():
            return "NULL"
        case ast.Day(text) | ast.Moment(text):
            return text
        case ast.Period(name, count):
            return name if count is None else f"{name}:{count}"


def _pattern_part(part: str | ast.Wildcard) -> str:
    if isinstance(part, ast.Wildcard):
        return "%" if part.any_run else "_"
    return "".join(_ESCAPES.get(c, "\\" + c if c in "%_" else c) for c in part)


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True).filter(lambda n: n.lower() not in KEYWORDS)
REFS = st.lists(NAMES, min_size=1, max_size=3).map(lambda path: ast.FieldRef(tuple(path)))
CALLS = st.builds(ast.Call, NAMES.map(str.upper), st.lists(REFS, max_size=2).map(tuple))
TEXTS = st.text(max_size=12)
RUN, ONE = ast.Wildcard(any_run=True), ast.Wildcard(any_run=False)


def _merged(parts: list[str | ast.Wildcard]) -> ast.Pattern:
    merged: list[str | ast.Wildcard] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return ast.Pattern(tuple(merged))


PATTERNS = st.lists(st.one_of(TEXTS, st.sampled_from([RUN, ONE])), max_size=5).map(_merged)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9).map(
    lambda d: ast.Number(Decimal(f"{d:f}"))
)
LITERALS = st.one_of(
    st.builds(ast.Text, TEXTS),
    NUMBERS,
    st.integers(-(10**12), 10**12).map(lambda n: ast.Number(Decimal(n))),
    st.builds(ast.Boolean, st.booleans()),
    st.just(ast.Null()),
    st.dates().map(lambda d: ast.Day(d.isoformat())),
    st.datetimes().map(lambda d: ast.Moment(d.replace(microsecond=0).isoformat() + "Z")),
    st.builds(ast.Period, st.sampled_from(["TODAY", "LAST_WEEK", "THIS_YEAR"])),
    st.builds(ast.Period, st.sampled_from(["LAST_N_DAYS", "N_DAYS_AGO"]), st.integers(0, 400)),
)
COMPARISONS = st.builds(
    ast.Comparison, st.one_of(REFS, CALLS), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), LITERALS
)
LIKES = st.builds(ast.Comparison, REFS, st.just("LIKE"), PATTERNS)
SETS = st.lists(LITERALS, min_size=1, max_size=4).map(tuple)
SEMI_JOINS = st.builds(
    ast.Query, st.builds(ast.SelectItem, REFS).map(lambda i: (i,)), NAMES.map(lambda n: ast.FieldRef((n,)))
)
MEMBERSHIPS = st.builds(ast.Membership, REFS, st.one_of(SETS, SEMI_JOINS), st.booleans())


def _combined(inner: st.SearchStrategy[ast.Condition]) -> st.SearchStrategy[ast.Condition]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(ast.And, several), st.builds(ast.Or, several), st.builds(ast.Not, inner))


CONDITIONS = st.recursive(st.one_of(COMPARISONS, LIKES, MEMBERSHIPS), _combined, max_leaves=6)
ORDER_TERMS = st.builds(ast.OrderTerm, st.one_of(REFS, CALLS), st.booleans(), st.sampled_from([None, True, False]))
COLUMNS = st.builds(ast.SelectItem, st.one_of(REFS, CALLS), st.one_of(st.none(), NAMES))
CHILDREN = st.builds(ast.SelectChildren, SEMI_JOINS)
QUERIES = st.builds(
    ast.Query,
    st.lists(st.one_of(COLUMNS, CHILDREN), min_size=1, max_size=4).map(tuple),
    NAMES.map(lambda n: ast.FieldRef((n,))),
    st.one_of(st.none(), NAMES),
    st.one_of(st.none(), CONDITIONS),
    st.lists(st.one_of(REFS, CALLS), max_size=2).map(tuple),
    st.one_of(st.none(), COMPARISONS),
    st.lists(ORDER_TERMS, max_size=3).map(tuple),
    st.one_of(st.none(), st.integers(0, 50_000)),
    st.one_of(st.none(), st.integers(0, 3_000)),
)
