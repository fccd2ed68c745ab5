"""User, Organization, RecordType and DuplicateRule: rows the API reads and does not write here."""

from intacct_sf_pipeline.sandbox.salesforce.schema.fields import (
    READ_ONLY,
    boolean,
    email,
    lookup,
    own_id,
    phone,
    picklist,
    system_fields,
    text,
)
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType


def user() -> SObjectType:
    """The users of the org."""
    fields = (
        own_id(),
        text("Username", "Username", 80, nillable=False, unique=True, id_lookup=True),
        text("LastName", "Last Name", 80, nillable=False),
        text("FirstName", "First Name", 40),
        text("Name", "Full Name", 121, nillable=False, name_field=True, **READ_ONLY),
        text("CompanyName", "Company Name", 80),
        text("Title", "Title", 80),
        email("Email", "Email", nillable=False),
        phone("Phone", "Phone"),
        text("Alias", "Alias", 8, nillable=False, defaulted_on_create=True),
        boolean("IsActive", "Active", default=True),
        picklist("TimeZoneSidKey", "Time Zone", default="GMT"),
        picklist("LocaleSidKey", "Locale", default="en_US"),
        picklist("LanguageLocaleKey", "Language", default="en_US"),
        picklist("EmailEncodingKey", "Email Encoding", default="UTF-8"),
        picklist("UserType", "User Type", ("Standard",), default="Standard"),
        *system_fields(),
    )
    return SObjectType(
        "User",
        "User",
        "Users",
        "005",
        fields,
        createable=False,
        updateable=False,
        deletable=False,
        undeletable=False,
    )


def organization() -> SObjectType:
    """The one row about the org itself."""
    fields = (
        own_id(),
        text("Name", "Name", 80, nillable=False, name_field=True),
        text("OrganizationType", "Edition", 40),
        text("InstanceName", "Instance Name", 5),
        boolean("IsSandbox", "Is Sandbox"),
        text("NamespacePrefix", "Namespace Prefix", 15),
        picklist("LanguageLocaleKey", "Language", default="en_US"),
        picklist("DefaultLocaleSidKey", "Locale", default="en_US"),
        picklist("TimeZoneSidKey", "Time Zone", default="GMT"),
        *system_fields(),
    )
    return SObjectType(
        "Organization",
        "Organization",
        "Organizations",
        "00D",
        fields,
        createable=False,
        updateable=False,
        deletable=False,
        undeletable=False,
    )


def record_type() -> SObjectType:
    """Record types; empty unless seeded."""
    fields = (
        own_id(),
        text("Name", "Name", 80, nillable=False, name_field=True),
        text("DeveloperName", "Record Type Name", 80, nillable=False),
        text("NamespacePrefix", "Namespace Prefix", 15),
        text("Description", "Description", 255),
        lookup("BusinessProcessId", "Business Process ID", "RecordType", relationship=None),
        picklist("SobjectType", "SObject Type Name", nillable=False),
        boolean("IsActive", "Active", default=True),
        *system_fields(),
    )
    return SObjectType(
        "RecordType",
        "Record Type",
        "Record Types",
        "012",
        fields,
        createable=False,
        updateable=False,
        deletable=False,
        undeletable=False,
    )


def duplicate_rule() -> SObjectType:
    """Duplicate rules; empty unless seeded, and without effect here. Source: Object Ref, DuplicateRule."""
    fields = (
        own_id(),
        text("DeveloperName", "Duplicate Rule Name", 80, nillable=False),
        text("MasterLabel", "Rule Name", 80, nillable=False, name_field=True),
        text("NamespacePrefix", "Namespace Prefix", 15),
        picklist("Language", "Language", default="en_US"),
        picklist("SobjectType", "Object", nillable=False),
        picklist("SobjectSubtype", "Object Subtype"),
        boolean("IsActive", "Active"),
        *system_fields(),
    )
    return SObjectType(
        "DuplicateRule",
        "Duplicate Rule",
        "Duplicate Rules",
        "0Bm",
        fields,
        createable=False,
        updateable=False,
        deletable=False,
        undeletable=False,
    )
