"""Names of columns that follow the mapping: readable, the same every time, and never the same for two sources.

`contacts.default.phone1` becomes `contacts_default_phone1`, `IntacctID__c` becomes `intacctid__c`. Sources that would
share a name, or take that of an engine column, get a short digest of their own; the column's comment holds the source
as the vendor writes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b

_LONGEST = 55  # PostgreSQL cuts identifiers at 63 bytes; prefixes and digests need some of them


def slug(source: str) -> str:
    """A lower-case identifier for a vendor column, field or rule name."""
    text = re.sub(r"[^0-9a-z_]", "_", source.lower())
    return text if re.match(r"[a-z_]", text) else f"c_{text}"


def column_names(sources: Iterable[str], reserved: Collection[str], prefix: str = "") -> Mapping[str, str]:
    """Column name of each source; names depend on the set of sources, not on their order."""
    slugs = {source: prefix + slug(source) for source in sources}
    uses = Counter(slugs.values())
    return {
        source: _distinct(name, source) if uses[name] > 1 or name in reserved or len(name) > _LONGEST else name
        for source, name in slugs.items()
    }


def index_name(table: str, column: str) -> str:
    """A name for the index of one column, short enough for every server."""
    name = f"ix_{table}_{column}"
    return name if len(name) <= _LONGEST else f"ix_{table[:30]}_{_digest(name)}"


def _distinct(name: str, source: str) -> str:
    return f"{name[: _LONGEST - 7]}_{_digest(source)}"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=3).hexdigest()
