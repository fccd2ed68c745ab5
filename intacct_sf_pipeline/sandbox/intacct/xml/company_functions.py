"""Calls about the company: dimensions and their relationships, subscriptions and their preferences.

Source: the vendor's pages on dimensions and on subscriptions (names and shapes); `DISABLEENTITYSLIDEIN` of the
Multi-Entity preferences from a public client (fylein/fyle-intacct-api). No dimension here is related to another.
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.schema.dimensions import DIMENSIONS
from intacct_sf_pipeline.sandbox.intacct.xml.calls import Data, FunctionCall, FunctionResult, Handler
from intacct_sf_pipeline.sandbox.intacct.xml.elements import branch, leaf
from intacct_sf_pipeline.sandbox.intacct.xml.lookup import answered
from intacct_sf_pipeline.sandbox.intacct.xml.schema_check import Check, in_order

_PREFERENCES: Mapping[str, Mapping[str, str]] = {
    "GEN": {
        "PRIMARY_ACCTNO_LENGTH": "4",
        "ACCTNO_SEPARATOR": "-",
        "SUBACCTNO_LENGTH": "0",
        "FISCAL_FIRST_MONTH": "1",
        "FISCAL_FIRST_MONTH_TAX": "1",
        "WEEK_START": "1",
        "CUSTOM_ACCOUNTING_PERIODS": "F",
        "PACKAGE_TYPE": "",
    },
    "ME": {"DISABLEENTITYSLIDEIN": "false", "ENABLEENTITYRESTRICTION": "false"},
    "GL": {"ITEMDIMENSION": "T", "CUSTOMERDIMENSION": "T", "WAREHOUSEDIMENSION": "F"},
    "AR": {"CUSTOMERSEQUENCE": "F", "ENABLEARADVANCES": "F"},
    "INV": {"ENABLEFULFILLMENT": "T", "ENABLEREPLENISHMENT": "F"},
}
_APPLICATIONS = ("CO", "GL", "AR", "INV", "SO", "PO")
"""Subscriptions as `get_applications` names them."""

_KNOWN = ("GEN", "ME", "GL", "CM", "AP", "AR", "EE", "PO", "SO", "INV", "PA", "CS")


def get_dimensions(call: FunctionCall) -> FunctionResult:
    """`getDimensions`: the standard dimensions; there are no user-defined ones."""
    shown = [
        branch(
            "dimension",
            (
                leaf("objectName", dimension.name),
                leaf("objectLabel", dimension.label),
                leaf("termLabel", dimension.label),
                leaf("userDefinedDimension", "false"),
                leaf("enabledInGL", "true" if dimension.in_ledger else "false"),
            ),
        )
        for dimension in DIMENSIONS
    ]
    return answered(call, Data(children=[branch("dimensions", shown)]))


def get_dimension_relationships(call: FunctionCall) -> FunctionResult:
    """`getDimensionRelationships`: each dimension, without relations."""
    shown = [
        branch(
            "relationship",
            (
                leaf("dimension", dimension.name),
                leaf("object_id", str(dimension.number)),
                leaf("autofillrelated", "false"),
                leaf("enableoverride", "false"),
            ),
        )
        for dimension in DIMENSIONS
    ]
    return answered(call, Data(children=shown))


def get_applications(call: FunctionCall) -> FunctionResult:
    """`get_applications`: the subscriptions."""
    return answered(call, Data(children=[leaf("application", name) for name in _APPLICATIONS]))


def get_companyprefs(call: FunctionCall) -> FunctionResult:
    """`get_companyprefs`: the preferences of one subscription."""
    application = call.element.get("application", "")
    shown = [
        branch("companypref", (leaf("application", application), leaf("preference", name), leaf("prefvalue", value)))
        for name, value in _PREFERENCES.get(application, {}).items()
    ]
    return answered(call, Data(children=shown))


def _preferences(call: Element) -> list[str]:
    application = call.get("application")
    if application is None:
        return ["Element 'get_companyprefs': The attribute 'application' is required but missing."]
    if application in _KNOWN:
        return in_order(call)
    listed = ", ".join(f"'{word}'" for word in _KNOWN)
    at = "Element 'get_companyprefs', attribute 'application'"
    return [f"{at}: The value '{application}' is not an element of the set {{{listed}}}."]


COMPANY_HANDLERS: Mapping[str, Handler] = {
    "getDimensions": get_dimensions,
    "getDimensionRelationships": get_dimension_relationships,
    "get_applications": get_applications,
    "get_companyprefs": get_companyprefs,
}
"""Tag of a call -> its handler."""

COMPANY_CHECKS: Mapping[str, Check] = {
    **dict.fromkeys(("getDimensions", "getDimensionRelationships", "get_applications"), in_order),
    "get_companyprefs": _preferences,
}
"""Tag of a call -> its check."""
