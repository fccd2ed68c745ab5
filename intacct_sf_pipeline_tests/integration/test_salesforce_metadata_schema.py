"""The package keeps to Salesforce's own schema of metadata: the WSDL of the Metadata API, shipped by simple-salesforce.

Every element is one that its type declares, in the order the type declares, with the members that must be there, and
values of the declared kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

from intacct_sf_pipeline.connectors.salesforce.metadata import build_project
from intacct_sf_pipeline.model.mapping_loader import load_config

XSD = "{http://www.w3.org/2001/XMLSchema}"
METADATA = "{http://soap.sforce.com/2006/04/metadata}"
RICH = """\
version: 1
feeds:
  salesforce:
    warehouse_stock: {object: WarehouseStock__c, asset: stock, key: Id, id: IntacctID__c, modified: SystemModstamp}
entities:
  warehouse_stock:
    cadence: stock
    after: [products]
    intacct: {feed: stock, object: inventory-control/item-warehouse-inventory}
    salesforce: {feed: warehouse_stock, object: WarehouseStock__c, external_id: IntacctID__c, creates: false}
    fields:
      row: {intacct: key, salesforce: IntacctID__c, direction: to_salesforce}
      product: {intacct: item.key, salesforce: Product__c, direction: to_salesforce, type: reference, to: products}
  accounts:
    salesforce:
      status: {field: SyncStatus__c, message: SyncMessage__c}
      in_scope_when:
        - {column: Send_To_ERP__c, equals: "true"}
    fields:
      tier: {intacct: "nsp::TIER", salesforce: Tier__c, type: enum, values: {gold: Gold, silver: Silver}}
      remark: {intacct: comments, salesforce: Remark__c, type: multiline, direction: to_salesforce}
      fax: {intacct: contacts.default.fax, salesforce: Second_Fax__c, type: phone}
      mail: {intacct: contacts.default.email1, salesforce: Invoice_Email__c, type: email, direction: to_intacct}
"""


@dataclass(frozen=True)
class Member:
    """One element of a complex type."""

    name: str
    type: str
    needed: bool
    repeated: bool


class Schema:
    """The types of the WSDL."""

    def __init__(self, wsdl: bytes) -> None:
        root = fromstring(wsdl)
        self.complex = {node.get("name", ""): node for node in root.iter(f"{XSD}complexType")}
        self.simple = {node.get("name", ""): node for node in root.iter(f"{XSD}simpleType")}

    def members(self, name: str) -> list[Member]:
        """The elements of a type in their order, inherited ones first."""
        node = self.complex[name]
        extension = node.find(f".//{XSD}extension")
        inherited = [] if extension is None else self.members(extension.get("base", "").partition(":")[2])
        own = [
            Member(
                one.get("name", ""),
                one.get("type", ""),
                one.get("minOccurs", "1") != "0",
                one.get("maxOccurs") == "unbounded",
            )
            for one in node.iter(f"{XSD}element")
        ]
        return [*inherited, *own]

    def faults(self, node: Element, name: str) -> Iterator[str]:
        """What is wrong with an element of the type `name`."""
        members = {member.name: member for member in self.members(name)}
        order = list(members)
        seen: list[str] = []
        for child in node:
            tag = child.tag.removeprefix(METADATA)
            if tag not in members:
                yield f"{name} has no {tag}"
                continue
            if seen and order.index(tag) < order.index(seen[-1]):
                yield f"{name}: {tag} behind {seen[-1]}"
            if tag in seen and not members[tag].repeated:
                yield f"{name}: {tag} twice"
            seen.append(tag)
            yield from self._value(child, members[tag])
        yield from (f"{name} lacks {one.name}" for one in members.values() if one.needed and one.name not in seen)

    def _value(self, node: Element, member: Member) -> Iterator[str]:
        prefix, _, kind = member.type.partition(":")
        text = node.text or ""
        if kind in self.complex and prefix == "tns":
            yield from self.faults(node, kind)
        elif kind in self.simple and prefix == "tns":
            allowed = {one.get("value") for one in self.simple[kind].iter(f"{XSD}enumeration")}
            if text not in allowed:
                yield f"{member.name}: {text} is no {kind}"
        elif (kind == "boolean" and text not in {"true", "false"}) or (kind == "int" and not text.isdigit()):
            yield f"{member.name}: {text!r} is no {kind}"


@pytest.fixture(scope="module")
def schema() -> Schema:
    return Schema((files("simple_salesforce") / "metadata.wsdl").read_bytes())


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    path: Path = tmp_path_factory.mktemp("mapping") / "rich.yaml"
    path.write_text(RICH, encoding="utf-8")
    return build_project(load_config(path).mapping, "62.0").files


def test_every_component_keeps_to_the_schema_of_the_metadata_api(schema: Schema, package: Mapping[str, bytes]) -> None:
    components = {path: fromstring(data) for path, data in package.items() if path.endswith(".xml")}
    assert {root.tag.removeprefix(METADATA) for root in components.values()} == {
        "CustomField",
        "CustomObject",
        "PermissionSet",
        "Package",
    }
    faults = {path: list(schema.faults(root, root.tag.removeprefix(METADATA))) for path, root in components.items()}
    assert {path: found for path, found in faults.items() if found} == {}


def test_the_check_itself_finds_faults(schema: Schema) -> None:
    wrong = fromstring(
        '<CustomField xmlns="http://soap.sforce.com/2006/04/metadata"><type>Words</type><label>x</label>'
        "<length>ten</length><colour>red</colour></CustomField>"
    )
    assert list(schema.faults(wrong, "CustomField")) == [
        "type: Words is no FieldType",
        "CustomField: label behind type",
        "length: 'ten' is no int",
        "CustomField has no colour",
    ]
