"""Decides what becomes of each column of an export: kept, kept as a parent's key, passed over, or a new custom field.

A column that fits nowhere is refused. What is passed over is either computed by the service (names, compound addresses,
totals), or a standard field of the vendor's that the sandbox has no use for, or something behind a user or record type.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from intacct_sf_pipeline.sandbox.data.csv_tables import Table
from intacct_sf_pipeline.sandbox.intacct.errors import LoadError
from intacct_sf_pipeline.sandbox.intacct.schema.catalog import Catalog
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec
from intacct_sf_pipeline.sandbox.intacct.writes.columns import layout
from intacct_sf_pipeline.sandbox.salesforce.schema.fields import long_area, text
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, Schema, SObjectType

_TEXT_LIMIT = 255
_LONG_LIMIT = 131_072
_NO_COUNTERPART = ("User", "RecordType", "Organization")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SYSTEM_KEPT = _names(
    """
    id createddate createdbyid lastmodifieddate lastmodifiedbyid systemmodstamp isdeleted masterrecordid isstandard
    """
)
_STANDARD_PASSED_OVER = _names(
    """
    accountsource activitymetricid activitymetricrollupid analyticsexternaldata assistantname assistantphone
    availabilitydate basedonid birthdate buyerid canallowportalselfreg canusequantityschedule
    canuserevenueschedule cleanstatus clientid configureduringsale connectionreceivedid connectionsentid
    consumerkey contactsource currencyisocode customerpriority dandbcompanyid decompositionscope defaultprice
    department departmentgroup discontinueddate displayurl donotcall dunsnumber emailbounceddate
    emailbouncedreason endoflifedate externaldatasourceid externalid fax firstcalldatetime firstemaildatetime
    fulfillmentqtycalcmethod genderidentity hasoptedoutofemail hasoptedoutoffax helptext homephone individualid
    industry isarchived isbuyer iscustomerportal isemailbounced ispartner ispersonaccount ispriorityrecord
    isserialized issoldonlywithotherprods jigsaw jigsawcompanyid jigsawcontactid lastactivitydate
    lastcurequestdate lastcuupdatedate lastreferenceddate lastvieweddate leadsource middlename naicscode naicsdesc
    numberofemployees numberofquantityinstallments numberofrevenueinstallments operatinghoursid otherphone
    ownership persontitle photourl pricebooktype productclass productsellingmodelid pronouns
    quantityinstallmentperiod quantityscheduletype quantityunitofmeasure rating recordtypeid reportsto reportstoid
    revenueinstallmentperiod revenuescheduletype salesrollupid sellerid sic sicdesc site sourceproductid
    specificationtype stockkeepingunit suffix taxcode taxpolicyid templateid tickersymbol tier titletype
    tradestyle transferrecordmode usagemodeltype usestandardprice validfrom validto website yearstarted
    """
)
_ADDRESS_PARTS = ("Address", "GeocodeAccuracy", "Latitude", "Longitude", "StateCode", "CountryCode")
_ADDRESSES = ("Billing", "Shipping", "Mailing", "Other", "Person")


class Fate(Enum):
    """What becomes of a column."""

    KEPT = "kept"
    PARENT_KEY = "parent key"
    PASSED_OVER = "passed over"
    NEW_FIELD = "new field"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its canonical API name and its fate; `new_field` is set for a new Salesforce field."""

    position: int
    header: str
    name: str
    fate: Fate
    new_field: Field | None = None


def salesforce_columns(schema: Schema, sobject: SObjectType, table: Table) -> list[Column]:
    """Return the fate of every column of an export of `sobject`. Headers match in any letter case."""
    return [_salesforce_column(schema, sobject, table, position) for position in range(len(table.header))]


def _salesforce_column(schema: Schema, sobject: SObjectType, table: Table, position: int) -> Column:
    header = table.header[position]
    if "." in header:
        name, fate = _parent_column(schema, sobject, header)
        return Column(position, header, name, fate)
    field = sobject.by_name.get(header.lower())
    if field is not None:
        return Column(position, header, field.name, _known_fate(field))
    if header.lower().endswith("__c"):
        return Column(position, header, header, Fate.NEW_FIELD, _new_text(table, position))
    passed_over = header.lower() in _STANDARD_PASSED_OVER or _is_address_part(header) or sobject.name == "User"
    return Column(position, header, header, Fate.PASSED_OVER if passed_over else Fate.UNKNOWN)


def _known_fate(field: Field) -> Fate:
    if field.name.lower() in _SYSTEM_KEPT or (field.createable and field.type != "address"):
        return Fate.PASSED_OVER if field.reference_to == ("RecordType",) else Fate.KEPT
    return Fate.PASSED_OVER


def _parent_column(schema: Schema, sobject: SObjectType, header: str) -> tuple[str, Fate]:
    relationship, _, rest = header.partition(".")
    reference = sobject.by_relationship.get(relationship.lower())
    if reference is None or reference.relationship is None:
        return header, Fate.UNKNOWN
    if any(target in _NO_COUNTERPART for target in reference.reference_to):
        return header, Fate.PASSED_OVER
    parent = schema.find(reference.reference_to[0])
    if parent is None:
        return header, Fate.UNKNOWN
    if "." in rest:
        return header, _parent_column(schema, parent, rest)[1]
    key = parent.by_name.get(rest.lower())
    if key is not None:
        usable = key.is_text or key.is_number or key.type == "id"
        return f"{reference.relationship}.{key.name}", Fate.PARENT_KEY if usable else Fate.PASSED_OVER
    return header, Fate.PASSED_OVER if rest.lower() in _STANDARD_PASSED_OVER else Fate.UNKNOWN


def _is_address_part(header: str) -> bool:
    lower = header.lower()
    return any(lower == f"{prefix}{part}".lower() for prefix in _ADDRESSES for part in _ADDRESS_PARTS)


def _new_text(table: Table, position: int) -> Field:
    header = table.header[position]
    longest = max((len(cell) for row in table.rows if (cell := row[position]) is not None), default=1)
    label = header.removesuffix("__c").replace("_", " ")
    if longest > _TEXT_LIMIT:
        return long_area(header, label, _LONG_LIMIT)
    return text(header, label, _TEXT_LIMIT)


def intacct_columns(catalog: Catalog, spec: ObjectSpec, table: Table) -> list[Column]:
    """Return the fate of every column of an export of `spec`. Custom fields look like `nsp::JOB`."""
    known = {path.lower(): path for path in (*spec.fields, *spec.refs)}
    columns = []
    for position, header in enumerate(table.header):
        name = known.get(header.lower(), header)
        columns.append(Column(position, header, name, _intacct_fate(catalog, spec, name)))
    return columns


def _intacct_fate(catalog: Catalog, spec: ObjectSpec, name: str) -> Fate:
    if name.startswith("API_QUERY_ALIAS__") or name in spec.owned or name == "ia::status":
        return Fate.PASSED_OVER
    try:
        layout(catalog, spec, [name], 0)
    except LoadError:
        return Fate.NEW_FIELD if "::" in name and "." not in name else Fate.UNKNOWN
    return Fate.KEPT
