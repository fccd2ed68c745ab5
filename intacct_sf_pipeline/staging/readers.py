"""The script that makes a read-only role for people: it may select from the views and touches nothing else.

Views run with their owner's rights, so no right on any table is given: landing, canonical and baseline tables, which
hold whole records, stay closed. The journal and the holds do show personal data (names, telephone numbers, addresses in
`before_value`, `after_value` and `message`): they are the evidence such a role is for, so give it to few.
"""

from __future__ import annotations

import re

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.staging.dialects.roles import role_script
from intacct_sf_pipeline.staging.migrations.views_0008 import VIEWS

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def reader_script(server: str, role: str, *, schema: str | None = None) -> str:
    """The script for one server (`postgresql`, `mssql`; `sqlite`: what to do instead), to be run by the owner.

    Raises:
        ConfigurationError: the name of the role or schema would need quoting.
    """
    for name in filter(None, (role, schema)):
        if not _NAME.fullmatch(name):
            raise ConfigurationError(f"{name!r} is no plain name", cure="use small letters, digits and underscores")
    return role_script(server, role, VIEWS, schema=schema)
