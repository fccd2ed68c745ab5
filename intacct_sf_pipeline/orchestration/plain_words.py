"""What a person asked for in the Launchpad and cannot have is said in a sentence, before any stack trace."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from intacct_sf_pipeline.model.errors import SyncError


@contextmanager
def plain_words() -> Iterator[None]:
    """Hand an expected error to Dagster as a `Failure` with its text, so that the UI shows that text first.

    Raises:
        Failure: an expected error; it is the cause, and the same input would fail again.
    """
    try:
        yield
    except SyncError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
