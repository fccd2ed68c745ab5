"""The whole package: every file of a source-format project by its path, and what to tell about it.

Source: Salesforce DX Developer Guide (project configuration, source format); Metadata API Developer Guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from intacct_sf_pipeline.connectors.salesforce.metadata.access import (
    FieldAccess,
    ObjectAccess,
    field_access,
    object_access,
)
from intacct_sf_pipeline.connectors.salesforce.metadata.documents import (
    field_document,
    manifest_document,
    object_document,
    permission_document,
)
from intacct_sf_pipeline.connectors.salesforce.metadata.needed import Needed, needed
from intacct_sf_pipeline.connectors.salesforce.metadata.readme import COMMANDS, readme
from intacct_sf_pipeline.model.mapping import SyncMapping

PERMISSION_SET: Final = "Intacct_Integration"
_LABEL: Final = "Intacct Integration"
_DESCRIPTION: Final = "What the user of the integration with Sage Intacct has to see and write, and no more."
_SOURCE: Final = "force-app/main/default"


@dataclass(frozen=True)
class Project:
    """A package: the contents of its files by path (with `/`), and what they create and allow."""

    files: Mapping[str, bytes]
    api_version: str
    needed: Needed
    objects: tuple[ObjectAccess, ...]
    fields: tuple[FieldAccess, ...]

    @property
    def commands(self) -> tuple[str, ...]:
        """The three commands that deploy it."""
        return COMMANDS

    def document(self) -> dict[str, object]:
        """What is told in JSON."""
        return {
            "api_version": self.api_version,
            "fields": [
                {
                    "object": field.object,
                    "field": field.name,
                    "type": field.type,
                    "external_id": field.external_id,
                    "unique": field.unique,
                    "access": "edit" if field.editable else "read",
                    "named_by": list(field.named_by),
                }
                for field in self.needed.fields
            ],
            "objects": [one.name for one in self.needed.objects],
            "permission_set": PERMISSION_SET,
            "left_out": list(self.needed.left_out),
            "files": sorted(self.files),
            "commands": list(self.commands),
        }


def build_project(mapping: SyncMapping, api_version: str) -> Project:
    """The package of a mapping; the same mapping and version give the same bytes.

    Raises:
        ConfigurationError: Salesforce would refuse it; it says which field of the mapping to look at.
    """
    wanted = needed(mapping)
    objects, fields = object_access(mapping), field_access(mapping, wanted.fields)
    files: dict[str, bytes] = {"sfdx-project.json": _configuration(api_version)}
    for field in wanted.fields:
        files[f"{_SOURCE}/objects/{field.object}/fields/{field.name}.field-meta.xml"] = field_document(field)
    for sobject in wanted.objects:
        files[f"{_SOURCE}/objects/{sobject.name}/{sobject.name}.object-meta.xml"] = object_document(sobject)
    permissions = permission_document(_LABEL, _DESCRIPTION, objects, fields)
    files[f"{_SOURCE}/permissionsets/{PERMISSION_SET}.permissionset-meta.xml"] = permissions
    files["manifest/package.xml"] = manifest_document(
        [
            ("CustomField", [field.full_name for field in wanted.fields]),
            ("CustomObject", [sobject.name for sobject in wanted.objects]),
            ("PermissionSet", [PERMISSION_SET]),
        ],
        api_version,
    )
    files["README.md"] = readme(wanted, objects).encode("utf-8")
    return Project(files, api_version, wanted, objects, fields)


def _configuration(api_version: str) -> bytes:
    content = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "namespace": "",
        "sourceApiVersion": api_version,
    }
    return (json.dumps(content, indent=2) + "\n").encode("utf-8")
