"""What a call is about: the object it reads or writes, and how many records it writes. For the log and the faults."""

import re
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.xml.schema.catalog import XmlSchema
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlObject

_LEGACY = re.compile(r"(?:create|update|delete)_(\w+)")
_MANY = ("create", "update")


def object_of(schema: XmlSchema, call: Element) -> XmlObject | None:
    """The object of a call; of a mixed write the first; None where there is none or it is unknown."""
    if call.tag in _MANY:
        return next((entry for record in call if (entry := schema.get(record.tag)) is not None), None)
    legacy = _LEGACY.fullmatch(call.tag)
    name = legacy[1] if legacy is not None else call.findtext("object") or call.get("object") or ""
    return schema.get(name)


def records_of(call: Element) -> int:
    """How many records a call writes; 0 for reads."""
    if call.tag in _MANY:
        return len(call)
    if call.tag == "delete":
        return len([key for key in (call.findtext("keys") or "").split(",") if key.strip()])
    return 1 if _LEGACY.fullmatch(call.tag) else 0
