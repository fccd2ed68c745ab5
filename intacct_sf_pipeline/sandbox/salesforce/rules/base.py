"""The points at which an object's own rules are asked."""

from intacct_sf_pipeline.sandbox.salesforce.store.rows import Save


class Rules:
    """Rules of one object; this base has none."""

    def before_save(self, save: Save) -> None:
        """May change `save.row` or raise `ApiError`, before required fields are checked."""

    def after_save(self, save: Save) -> None:
        """May write other rows, once the row is stored."""

    def before_delete(self, save: Save) -> None:
        """May raise `ApiError`; `save.old` and `save.row` are the row as stored."""


class Chain(Rules):
    """Several sets of rules for one object, in order."""

    def __init__(self, *parts: Rules) -> None:
        self._parts = parts

    def before_save(self, save: Save) -> None:
        """Asks each part."""
        for part in self._parts:
            part.before_save(save)

    def after_save(self, save: Save) -> None:
        """Asks each part."""
        for part in self._parts:
            part.after_save(save)

    def before_delete(self, save: Save) -> None:
        """Asks each part."""
        for part in self._parts:
            part.before_delete(save)
