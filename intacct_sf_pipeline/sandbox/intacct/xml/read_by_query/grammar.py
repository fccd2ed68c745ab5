"""The grammar of a `readByQuery` condition, for lark's LALR parser.

Source: the reference, 4.2: comparisons, `like`, `in`, `IS NULL`, AND, OR, prefix NOT, parentheses. Neither dotted
fields nor functions nor ORDER BY. AND binds tighter than OR, as in SQL.
"""

GRAMMAR = r"""
?start: either

?either: every (_OR every)*
?every: factor (_AND factor)*
?factor: _NOT factor                                       -> negation
       | "(" either ")"
       | NAME COMPARATOR value                             -> comparison
       | NAME _LIKE STRING                                 -> like
       | NAME _NOT _LIKE STRING                            -> not_like
       | NAME _IN "(" value ("," value)* ")"               -> within
       | NAME _NOT _IN "(" value ("," value)* ")"          -> not_within
       | NAME _IS _NULL                                    -> is_null
       | NAME _IS _NOT _NULL                               -> is_not_null

?value: STRING | NUMBER

COMPARATOR: "<=" | ">=" | "<" | ">" | "="
_AND.2: /AND\b/i
_OR.2: /OR\b/i
_NOT.2: /NOT\b/i
_LIKE.2: /LIKE\b/i
_IN.2: /IN\b/i
_IS.2: /IS\b/i
_NULL.2: /NULL\b/i
NAME: /[A-Za-z][A-Za-z0-9_]*/
NUMBER: /-?\d+(\.\d+)?/
STRING: /'(?:[^'\\]|\\.)*'/s

%import common.WS
%ignore WS
"""
