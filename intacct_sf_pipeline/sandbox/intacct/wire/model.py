"""The model service: the objects' tables in the vendor's notation.

Source: the reference, 4.6 (observed shape; `required` is false for every field, as seen live); OpenAPI, core-model.
"""

from intacct_sf_pipeline.sandbox.intacct.schema.catalog import Catalog
from intacct_sf_pipeline.sandbox.intacct.schema.types import Field, Kind, ObjectSpec, Ref

_ORDER = ("OPTIONS", "GET", "POST", "DELETE", "PATCH")
_INLINE_DEPRECATED = frozenset({"tax.isTaxable", "showInContactList", "key", "id", "href"})
_FORMATS = {Kind.DATE: "date", Kind.DATE_TIME: "date-time"}
_TYPES = {
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.ARRAY: "array",
}


def summary(spec: ObjectSpec) -> dict[str, object]:
    """The short definition, as the list without `name` shows it."""
    return {
        "apiObject": f"objects/{spec.name}",
        "type": spec.kind,
        "httpMethods": http_methods(spec),
        "href": f"/services/core/model?version=v1&name=objects/{spec.name}",
    }


def http_methods(spec: ObjectSpec) -> str:
    """The verbs, comma-separated, in the vendor's order."""
    return ",".join(method for method in _ORDER if method in spec.methods)


def model(catalog: Catalog, spec: ObjectSpec, *, idempotence: bool) -> dict[str, object]:
    """The full definition of one object."""
    lists = {entry.path: {"apiObject": entry.target} for entry in spec.lists}
    return {
        **_node(catalog, spec, "", inline=False),
        "lists": lists or [],
        "idempotenceSupported": idempotence,
        **summary(spec),
    }


def _node(catalog: Catalog, spec: ObjectSpec, prefix: str, *, inline: bool) -> dict[str, object]:
    """Fields, groups and references directly under a group prefix ("" for the object itself)."""
    fields: dict[str, object] = {}
    refs: dict[str, object] = {}
    groups: dict[str, object] = {}
    for member in spec.members:
        if not member.path.startswith(prefix) or (inline and member.path.startswith(("audit.", "entity"))):
            continue
        name, _, deeper = member.path[len(prefix) :].partition(".")
        if deeper:
            if name not in groups:
                groups[name] = _node(catalog, spec, f"{prefix}{name}.", inline=inline)
        elif isinstance(member, Ref):
            refs[name] = _ref(catalog, member)
        else:
            fields[name] = _field(member, inline=inline)
    node: dict[str, object] = {"fields": fields}
    if groups or not prefix:
        node["groups"] = groups
    if refs or not prefix:
        node["refs"] = refs
    return node


def _field(field: Field, *, inline: bool) -> dict[str, object]:
    shown: dict[str, object] = {"type": _TYPES.get(field.kind, "string")}
    if field.kind in _FORMATS:
        shown["format"] = _FORMATS[field.kind]
    elif field.kind is Kind.DECIMAL:
        shown["format"] = f"decimal-precision-{field.places}"
    shown |= {
        "readOnly": field.read_only,
        "writeOnly": field.write_only,
        "required": False,
        "nullable": field.nullable,
        "mutable": field.mutable,
    }
    if field.enum:
        shown["enum"] = list(field.enum)
    if field.max_length is not None:
        shown["maxLength"] = field.max_length
    if field.default is not None:
        shown["default"] = field.default
    if field.deprecated or (inline and field.path not in _INLINE_DEPRECATED):
        shown["deprecated"] = True
    return shown


def _ref(catalog: Catalog, ref: Ref) -> dict[str, object]:
    target = catalog[ref.target]
    shown: dict[str, object] = {"apiObject": ref.target}
    if ref.inline:
        shown |= _node(catalog, target, "", inline=True)
    else:
        shown["fields"] = {
            name: _field(target.fields[name], inline=False) | _ref_member(ref, name) for name in ref.shows
        }
    if ref.is_owner:
        shown["isOwner"] = True
    return shown


def _ref_member(ref: Ref, name: str) -> dict[str, object]:
    writable = name in ("key", "id") and not ref.read_only
    return {"readOnly": not writable, "nullable": True, "mutable": writable}
