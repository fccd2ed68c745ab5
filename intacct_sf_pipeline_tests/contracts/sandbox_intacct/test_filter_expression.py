"""`filterExpression`: any and/or tree written as text means what the tree means; anything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.intacct.errors import ApiError
from intacct_sf_pipeline.sandbox.intacct.query.expression import compile_expression, parse_expression

FILTERS = 5
Tree = int | tuple[str, tuple["Tree", ...]]

trees: st.SearchStrategy[Tree] = st.recursive(
    st.integers(1, FILTERS),
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=4).map(tuple)),
    max_leaves=20,
)


def render(tree: Tree, choose: st.DataObject, parent: str = "or") -> str:
    """The tree as text, with brackets where needed and sometimes where not, in any case and spacing."""
    if isinstance(tree, int):
        return f"({tree})" if choose.draw(st.booleans()) else str(tree)
    word, parts = tree
    shown = choose.draw(st.sampled_from([word, word.upper(), word.title()]))
    gap = choose.draw(st.sampled_from([" ", "  ", "\t"]))
    text = f"{gap}{shown}{gap}".join(render(part, choose, word) for part in parts)
    needed = word == "or" and parent == "and"
    return f"({text})" if needed or choose.draw(st.booleans()) else text


def evaluate(tree: Tree, truths: list[bool]) -> bool:
    """The oracle."""
    if isinstance(tree, int):
        return truths[tree - 1]
    word, parts = tree
    values = [evaluate(part, truths) for part in parts]
    return all(values) if word == "and" else any(values)


@given(tree=trees, truths=st.lists(st.booleans(), min_size=FILTERS, max_size=FILTERS), choose=st.data())
def test_text_means_what_its_tree_means(tree: Tree, truths: list[bool], choose: st.DataObject) -> None:
    text = render(tree, choose)
    tests = [lambda row, position=position: bool(row[str(position)]) for position in range(FILTERS)]
    row = {str(position): truth for position, truth in enumerate(truths)}
    assert compile_expression(parse_expression(text, FILTERS), tests)(row) is evaluate(tree, truths)


@given(truths=st.lists(st.booleans(), max_size=FILTERS))
@pytest.mark.parametrize(("word", "expected"), [("and", all), ("or", any), (None, all), ("AND", all)])
def test_the_single_words_join_all_filters(truths: list[bool], word: str | None, expected: type) -> None:
    tests = [lambda _row, truth=truth: truth for truth in truths]
    assert compile_expression(parse_expression(word, len(truths)), tests)({}) is (expected(truths) or not truths)


@pytest.mark.parametrize(
    "text", ["1 xor 2", "1 and", "(1 or 2", "1 2", "0 or 1", "1 and 6", "not 1", "1,2", "and 1", "()", "1.5"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_expression(text, FILTERS)
    assert refused.value.status == 400


def test_an_endless_expression_is_refused_before_parsing() -> None:
    with pytest.raises(ApiError):
        parse_expression(" and ".join(["1"] * 5000), FILTERS)


def test_deep_brackets_are_parsed_or_refused_never_a_crash() -> None:
    text = "(" * 1900 + "1" + ")" * 1900
    assert compile_expression(parse_expression(text, 1), [lambda _row: True])({}) is True
