"""Deploys a project: all of it or nothing, then gives its permission sets to the integration user.

A field that is new is seen by nobody until a permission set says so. Sets only add: what a user may do without them
stays as it is.
"""

from itertools import count
from pathlib import Path

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.deploy.components import Component, read_project
from intacct_sf_pipeline.sandbox.salesforce.deploy.custom_fields import field_of
from intacct_sf_pipeline.sandbox.salesforce.deploy.custom_objects import object_of
from intacct_sf_pipeline.sandbox.salesforce.deploy.permission_sets import Grants, grants_of
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Schema

_RIGHTS = {"allowRead", "allowCreate", "allowEdit"}


def deploy(org: SalesforceOrg, directory: Path) -> None:
    """Deploy the source-format project in `directory` and assign its permission sets to the integration user.

    Raises:
        DeployError: the service would refuse it; nothing was changed.
    """
    components = read_project(directory)
    with org.lock:
        schema = org.schema
        for one in _of(components, "CustomObject"):
            if one.name.endswith("__c") and schema.find(one.name) is None:
                schema = Schema.of([*schema.types.values(), object_of(one, _free_prefix(schema))])
        for one in _of(components, "CustomField"):
            sobject = schema.find(one.name.partition(".")[0])
            if sobject is None:
                raise one.refuse(f"Entity of type 'CustomObject' named '{one.name.partition('.')[0]}' cannot be found")
            schema = schema.with_fields(sobject.name, [field_of(one, frozenset(schema.types))])
        grants = [grants_of(one, schema) for one in _of(components, "PermissionSet")]
        _apply(org, components, schema)
        for grant in grants:
            _assign(org.integration_user, grant)


def _of(components: list[Component], kind: str) -> list[Component]:
    return [one for one in components if one.kind == kind]


def _free_prefix(schema: Schema) -> str:
    taken = {one.key_prefix for one in schema.types.values()}
    return next(prefix for number in count() if (prefix := f"a{number:02d}") not in taken)


def _apply(org: SalesforceOrg, components: list[Component], schema: Schema) -> None:
    """Make the org what the new schema says; what is new is hidden from all users."""
    former = org.schema
    for one in _of(components, "CustomObject"):
        wanted = schema.find(one.name)
        if wanted is not None and org.schema.find(one.name) is None:
            org.add_object(wanted)
            for user in org.users.values():
                user.hidden_objects.add(wanted.name.lower())
    for one in _of(components, "CustomField"):
        sobject, _, name = one.name.partition(".")
        wanted, present = schema.types[sobject.lower()], former.find(sobject)
        new = present is None or present.field(name) is None
        field = wanted.field(name)
        if field is not None:
            org.add_fields(wanted.name, [field])
        if new:
            for user in org.users.values():
                user.hidden.add(one.name.lower())
                user.read_only.add(one.name.lower())


def _assign(user: User, grants: Grants) -> None:
    for name, (readable, editable) in grants.fields.items():
        if readable:
            user.hidden.discard(name.lower())
        if editable:
            user.read_only.discard(name.lower())
    for name, rights in grants.objects.items():
        if rights & _RIGHTS:
            user.hidden_objects.discard(name.lower())
