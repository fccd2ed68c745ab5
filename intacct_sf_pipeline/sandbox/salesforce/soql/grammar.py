"""The SOQL grammar, for lark's LALR parser.

Keywords and names are told apart by where they may stand, so that an object or field may be called like a keyword.
AND and OR cannot be mixed without parentheses; that is the grammar's doing. Source: SOQL Ref, SELECT syntax.
"""

GRAMMAR = r"""
query: _SELECT select_list _FROM NAME alias? scope? where? group_by? having? order_by? limit? offset? tail*

select_list: select_item ("," select_item)*
?select_item: operand NAME?           -> column
            | "(" query ")"           -> children
            | _TYPEOF NAME when+ otherwise? _END -> type_of

when: _WHEN NAME _THEN NAME ("," NAME)*
otherwise: _ELSE NAME ("," NAME)*

alias: _AS? NAME
scope: _USING _SCOPE NAME
where: _WHERE condition
group_by: _GROUP _BY operand ("," operand)*
having: _HAVING condition
order_by: _ORDER _BY order_term ("," order_term)*
limit: _LIMIT INTEGER
offset: _OFFSET INTEGER
tail: _FOR LOCK                       -> locking
    | _ALL _ROWS                      -> all_rows
    | _UPDATE STATISTIC ("," STATISTIC)* -> statistics

order_term: operand DIRECTION? nulls?
nulls: _NULLS NULLS_PLACE

?operand: NAME                        -> field
        | NAME "(" arguments? ")"     -> call
arguments: operand ("," operand)*

?condition: term
          | term (_AND term)+         -> conjunction
          | term (_OR term)+          -> disjunction
?term: "(" condition ")"
     | _NOT term                      -> negation
     | operand COMPARATOR value       -> comparison
     | operand _LIKE STRING           -> like
     | operand IN set                 -> within
     | operand _NOT IN set            -> not_within
     | operand MULTIPLE set           -> multiple

?set: "(" value ("," value)* ")"      -> values
    | "(" query ")"                   -> semi_join

?value: STRING                        -> text
      | DATETIME                      -> moment
      | DATE                          -> day
      | NUMBER                        -> number
      | INTEGER                       -> number
      | _TRUE                         -> true
      | _FALSE                        -> false
      | _NULL                         -> null
      | NAME                          -> period
      | NAMED_COUNT                   -> counted_period

_SELECT.9: /select\b/i
_FROM.9: /from\b/i
_AS.9: /as\b/i
_WHERE.9: /where\b/i
_GROUP.9: /group\b/i
_BY.9: /by\b/i
_HAVING.9: /having\b/i
_ORDER.9: /order\b/i
_LIMIT.9: /limit\b/i
_OFFSET.9: /offset\b/i
_NULLS.9: /nulls\b/i
_AND.9: /and\b/i
_OR.9: /or\b/i
_NOT.9: /not\b/i
_LIKE.9: /like\b/i
IN.9: /in\b/i
_TRUE.9: /true\b/i
_FALSE.9: /false\b/i
_NULL.9: /null\b/i
_TYPEOF.9: /typeof\b/i
_WHEN.9: /when\b/i
_THEN.9: /then\b/i
_ELSE.9: /else\b/i
_END.9: /end\b/i
_USING.9: /using\b/i
_SCOPE.9: /scope\b/i
_FOR.9: /for\b/i
LOCK.9: /(view|reference|update)\b/i
_ALL.9: /all\b/i
_ROWS.9: /rows\b/i
_UPDATE.9: /update\b/i
STATISTIC.9: /(tracking|viewstat)\b/i
MULTIPLE.9: /(includes|excludes)\b/i
DIRECTION.9: /(asc|desc)\b/i
NULLS_PLACE.9: /(first|last)\b/i

COMPARATOR: "<=" | ">=" | "!=" | "<>" | "=" | "<" | ">"
STRING: /'(?:[^'\\]|\\.)*'/s
DATETIME.5: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})/i
DATE.4: /\d{4}-\d{2}-\d{2}/
NUMBER.3: /[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?/
INTEGER.2: /[+-]?\d+/
NAMED_COUNT.6: /[A-Za-z_]+\s*:\s*\d+/
NAME: /(?!(?:select|from|where)\b)[A-Za-z][A-Za-z0-9_]*(?:\s*\.\s*[A-Za-z][A-Za-z0-9_]*)*/i

%ignore /[ \t\r\n\f]+/
"""
