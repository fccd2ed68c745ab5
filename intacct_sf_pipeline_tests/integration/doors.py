"""Through which of Intacct's interfaces the scenarios run: REST, or XML Web Services.

`TEST_INTACCT_API=xml` sends all of them through XML; else those marked `both_doors` run through both.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Literal

from intacct_sf_pipeline.sandbox.faults import FaultRule

VARIABLE = "TEST_INTACCT_API"
_OBJECTS = {"customer": "CUSTOMER", "contact": "CONTACT", "item": "ITEM"}
_FUNCTIONS = {"POST": "create", "PATCH": "update"}


def intacct_api() -> Literal["rest", "xml"]:
    """The interface in use at this moment."""
    return "xml" if os.environ.get(VARIABLE) == "xml" else "rest"


def through(rule: FaultRule, api: str) -> FaultRule:
    """A rule about REST paths of Intacct, as it reads for the interface `api`; others stay as they are.

    A PATCH of customers stands for their contact lists too: an update of CUSTOMER in XML.
    """
    if api != "xml" or rule.service != "intacct" or not (rule.path or rule.method or rule.contains):
        return rule
    path, contains = rule.path or "", rule.contains or ""
    words = path.rstrip("/$").rpartition("/")[2]
    if "token" in path:
        pattern = "<getAPISession"
    elif "(?!" in contains:
        pattern = r"(?s)\A(?!.*<in>).*<query>"
    elif "objects" in path and "services" in path:
        pattern = "<(query|create|update)>"
    elif "query" in path or "orderBy" in contains:
        pattern = "<query>"
    else:
        functions = [_FUNCTIONS[verb] for verb in rule.method if verb in _FUNCTIONS] or _FUNCTIONS.values()
        pattern = f"<({'|'.join(functions)})><{_OBJECTS.get(words, '')}"
    return replace(rule, path="xmlgw", method=(), contains=pattern)
