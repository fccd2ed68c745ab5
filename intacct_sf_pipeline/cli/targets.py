"""Which flows a command works on: one by name, or all in their settling order."""

from __future__ import annotations

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping

ALL = "all"


def chosen(mapping: SyncMapping, name: str) -> tuple[EntityMapping, ...]:
    """The enabled flow `name`, or every enabled one for `all`.

    Raises:
        ConfigurationError: there is no such flow, or it is switched off.
    """
    if name == ALL:
        return mapping.enabled()
    found = tuple(entity for entity in mapping.enabled() if entity.name == name)
    if not found:
        known = ", ".join(entity.name for entity in mapping.enabled())
        raise ConfigurationError(f"there is no flow {name!r}", cure=f"choose one of {known}, {ALL}")
    return found
