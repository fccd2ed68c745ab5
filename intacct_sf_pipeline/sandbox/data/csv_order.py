"""Orders the records of one table so that every record comes after the one of the same table it refers to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def in_levels(rows: Sequence[Mapping[str, object]], references: Mapping[str, str]) -> tuple[list[list[int]], list[int]]:
    """Return row positions level by level, and the positions of rows that are their own ancestors.

    Args:
        rows: the records.
        references: column that names another record of the table -> column it is named by (`ParentId` -> `Id`).
    """
    holders = {
        target: {value: position for position, row in enumerate(rows) if (value := row.get(target)) is not None}
        for target in set(references.values())
    }
    parents: list[list[int]] = []
    for row in rows:
        found = (holders[target].get(row.get(column)) for column, target in references.items())
        parents.append([position for position in found if position is not None])
    depths: dict[int, int] = {}
    circular = [position for position in range(len(rows)) if not _settle(position, parents, depths)]
    levels: list[list[int]] = [[] for _ in range(max(depths.values(), default=-1) + 1)]
    for position in range(len(rows)):
        if position in depths:
            levels[depths[position]].append(position)
    return levels, circular


def _settle(start: int, parents: list[list[int]], depths: dict[int, int]) -> bool:
    """Work out the depth of one row, its ancestors' first; False when it descends from itself."""
    path = [start]
    while path:
        position = path[-1]
        open_parents = [parent for parent in parents[position] if parent not in depths]
        if not open_parents:
            depths[position] = max((depths[parent] + 1 for parent in parents[position]), default=0)
            path.pop()
        elif open_parents[0] in path:
            return False
        else:
            path.append(open_parents[0])
    return True
