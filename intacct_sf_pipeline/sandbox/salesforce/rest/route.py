"""A row of the table of resources: a path pattern and who answers it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.salesforce.rest.call import Reply

Handler = Callable[..., Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """A path pattern and its handlers by method; `{}` stands for one segment, handed to the handler."""

    pattern: tuple[str, ...]
    handlers: Mapping[str, Handler]

    def match(self, segments: Sequence[str]) -> tuple[str, ...] | None:
        """The segments that stand for `{}`, or None when the path is another."""
        if len(segments) != len(self.pattern):
            return None
        taken: list[str] = []
        for wanted, given in zip(self.pattern, segments, strict=True):
            if wanted == "{}":
                taken.append(given)
            elif wanted.lower() != given.lower():
                return None
        return tuple(taken)


def route(path: str, **handlers: Handler) -> Route:
    """A row of the table; `handlers` by method."""
    return Route(tuple(path.split("/")) if path else (), handlers)
