"""Rows reached from a row: `/sobjects/Account/001.../Contacts` and `/sobjects/Contact/003.../Account`.

Source: REST Guide, sObject Relationships.
"""

from intacct_sf_pipeline.sandbox.salesforce.errors import not_found
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.rest.query import page_of
from intacct_sf_pipeline.sandbox.salesforce.rest.rows import show
from intacct_sf_pipeline.sandbox.salesforce.soql.sosl import statement_of
from intacct_sf_pipeline.sandbox.salesforce.values import as_text


def follow(call: Call, sobject: str, record_id: str, name: str) -> Reply:
    """GET: the parent as a row, or the children as the answer to a query."""
    found = call.sobject(sobject)
    row = call.org.writer.existing(found, call.record_id(record_id))
    lookup = found.by_relationship.get(name.lower())
    if lookup is not None and call.user.visible(found, lookup):
        parent = call.org.db.row(row[lookup.name])
        kind = call.org.schema.of_id(str(row[lookup.name])) if parent is not None else None
        if parent is None or kind is None or parent["IsDeleted"]:
            raise not_found()
        return show(call, kind, parent)
    for relation in call.org.schema.children.get(found.name, ()):
        if relation.name is not None and relation.name.lower() == name.lower():
            names = call.query.get("fields") or ",".join(f.name for f in call.user.fields(relation.child))
            by_parent = f"{relation.field.name} = '{as_text(row['Id'])}'"
            children = statement_of(relation.child.name, names, f"WHERE {by_parent}")
            return page_of(call, children.statement, include_deleted=False)
    raise not_found()
