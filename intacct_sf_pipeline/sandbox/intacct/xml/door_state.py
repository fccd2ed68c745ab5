"""What the XML door keeps between requests, besides sessions: support ids, result sets, the objects' tables."""

from dataclasses import dataclass, field

from intacct_sf_pipeline.sandbox.intacct.wire.envelopes import SupportIds
from intacct_sf_pipeline.sandbox.intacct.xml.completed import CompletedFunctions
from intacct_sf_pipeline.sandbox.intacct.xml.result_sets import ResultSets
from intacct_sf_pipeline.sandbox.intacct.xml.schema.catalog import XmlSchema


@dataclass
class DoorState:
    """One company's.

    Attributes:
        schema: the XML view of its tables.
        results: what `readByQuery` has not given out yet.
        support_ids: given out with errors.
        completed: unique control ids of functions that have run.
    """

    schema: XmlSchema
    results: ResultSets
    support_ids: SupportIds = field(default_factory=SupportIds)
    completed: CompletedFunctions = field(default_factory=CompletedFunctions)
