"""From a CustomObject component to an object of the schema.

Source: Metadata API Developer Guide (CustomObject).
"""

from intacct_sf_pipeline.sandbox.salesforce.deploy.components import NAMESPACE, Component, check_members
from intacct_sf_pipeline.sandbox.salesforce.schema.fields import READ_ONLY, own_id, owner, system_fields, text
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType

_MEMBERS = (
    "fullName", "label", "pluralLabel", "nameField", "deploymentStatus", "sharingModel", "externalSharingModel",
    "description", "enableActivities", "enableBulkApi", "enableFeeds", "enableHistory", "enableReports", "enableSearch",
    "enableSharing", "enableStreamingApi", "visibility",
)  # fmt: skip


def object_of(component: Component, key_prefix: str) -> SObjectType:
    """The object that a component describes, without its custom fields.

    Raises:
        DeployError: the service would refuse it.
    """
    component.check_members(_MEMBERS)
    for name in ("label", "pluralLabel", "deploymentStatus", "sharingModel"):
        if not component.text(name):
            raise component.refuse(f"Required field is missing: {name}")
    named = component.all("nameField")
    if not named:
        raise component.refuse("Must specify a nameField of type Text or AutoNumber")
    check_members(component, named[0], ("label", "type", "displayFormat", "startingNumber", "trackHistory"))
    kind = named[0].findtext(f"{{{NAMESPACE}}}type")
    label = named[0].findtext(f"{{{NAMESPACE}}}label") or ""
    if kind == "AutoNumber":
        if "{0" not in (named[0].findtext(f"{{{NAMESPACE}}}displayFormat") or ""):
            raise component.refuse("Must specify a displayFormat for an AutoNumber")
        called = text("Name", label, 80, nillable=False, name_field=True, defaulted_on_create=True, **READ_ONLY)
    elif kind == "Text":
        called = text("Name", label, 80, nillable=False, name_field=True)
    else:
        raise component.refuse("Must specify a nameField of type Text or AutoNumber")
    fields = (own_id(), called, owner(), *system_fields(viewed=True))
    return SObjectType(component.name, component.text("label"), component.text("pluralLabel"), key_prefix, fields)
