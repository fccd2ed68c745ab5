"""Which rules go with which object."""

from collections.abc import Mapping

from intacct_sf_pipeline.sandbox.salesforce.rules.base import Chain, Rules
from intacct_sf_pipeline.sandbox.salesforce.rules.documents import ContentNoteRules, DocumentLinkRules
from intacct_sf_pipeline.sandbox.salesforce.rules.people import AutoNumber, PersonName
from intacct_sf_pipeline.sandbox.salesforce.rules.places import PlaceRules
from intacct_sf_pipeline.sandbox.salesforce.rules.prices import BookRules, EntryRules, ProductRules
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures


def build_rules(features: OrgFeatures) -> Mapping[str, Rules]:
    """Rules by object name; objects not named have none of their own."""
    places = (PlaceRules(),) if features.state_country_picklists else ()
    return {
        "Account": Chain(*places),
        "Contact": Chain(PersonName(), *places),
        "User": PersonName(),
        "Product2": ProductRules(),
        "Pricebook2": BookRules(),
        "PricebookEntry": EntryRules(),
        "ContentNote": ContentNoteRules(),
        "ContentDocumentLink": DocumentLinkRules(),
        "WarehouseStock__c": AutoNumber("WS"),
    }
