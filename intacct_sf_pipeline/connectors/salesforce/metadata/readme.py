"""The package's own README: what it creates, and the three commands that deploy it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from intacct_sf_pipeline.connectors.salesforce.metadata.access import ObjectAccess
from intacct_sf_pipeline.connectors.salesforce.metadata.needed import Needed

COMMANDS: Final = (
    "sf org login web --alias intacct-target",
    "sf project deploy start --manifest manifest/package.xml --target-org intacct-target",
    "sf org assign permset --name Intacct_Integration --target-org intacct-target --on-behalf-of USERNAME",
)
"""Source: Salesforce CLI Command Reference (`org login web`, `project deploy start`, `org assign permset`)."""


def readme(needed: Needed, objects: tuple[ObjectAccess, ...]) -> str:
    """The text, in Markdown."""
    return "\n".join((*_head(), *_fields(needed), *_access(objects), *_left_out(needed))) + "\n"


def _head() -> Iterator[str]:
    yield from (
        "# Custom fields and permissions for the integration with Sage Intacct",
        "",
        "Written by `intacct-sf salesforce-package` from the mapping: change the mapping and write it again,",
        "rather than edit it here. To deploy it with the Salesforce CLI, from this directory:",
        "",
        "```",
        *COMMANDS,
        "```",
        "",
        "`USERNAME` is the integration user's. With `--dry-run` the second command checks all and changes nothing.",
        "For a Salesforce sandbox add `--instance-url https://test.salesforce.com` to the first. Where the org has",
        "one of these fields already, compare its type first: the deployment makes it as listed. Then",
        "`intacct-sf doctor` says what is still missing.",
        "",
    )


def _fields(needed: Needed) -> Iterator[str]:
    yield from ("## Fields", "", "| Object | Field | Type | Also | Access | Named by |", "|---|---|---|---|---|---|")
    for field in needed.fields:
        also = "External ID, Unique" if field.external_id else ""
        access = "read, edit" if field.editable else "read"
        names = ", ".join(field.named_by)
        yield f"| {field.object} | `{field.name}` | {field.type} | {also} | {access} | {names} |"
    if needed.objects:
        yield from ("", f"New objects: {', '.join(f'`{one.name}`' for one in needed.objects)}.")


def _access(objects: tuple[ObjectAccess, ...]) -> Iterator[str]:
    yield from (
        "",
        "## Permission set `Intacct_Integration`",
        "",
        "API Enabled; the fields above and the mapped standard fields that have field-level security; and",
        "",
        "| Object | Access |",
        "|---|---|",
    )
    for one in objects:
        words = ["read", *(["create"] if one.create else []), *(["edit"] if one.edit else [])]
        words += ["view all"] if one.view_all else []
        yield f"| {one.object} | {', '.join(words)} |"
    yield from (
        "",
        "Price book entries follow products and price books; notes follow their records. Nobody else sees the new",
        "fields before you give them access: by a profile or permission set, and on a page layout.",
    )


def _left_out(needed: Needed) -> Iterator[str]:
    if needed.left_out:
        yield from ("", "## Named by the mapping and not in here", "")
        yield from (f"- {text}" for text in needed.left_out)
