"""The Tooling API as far as data clients go: queries over an org without Apex, and the entities it has.

Source: Tooling API Guide, REST Resources (query) and EntityDefinition.
"""

from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.rest.query import required_statement
from intacct_sf_pipeline.sandbox.salesforce.schema.describe import describe, describe_global
from intacct_sf_pipeline.sandbox.salesforce.schema.fields import boolean, lookup, own_id, picklist, system_fields, text
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Schema, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.soql.executor import run
from intacct_sf_pipeline.sandbox.salesforce.store.database import Database
from intacct_sf_pipeline.sandbox.salesforce.store.rows import new_row
from intacct_sf_pipeline.sandbox.salesforce.values import Row


def query(call: Call) -> Reply:
    """GET tooling/query."""
    result = run(
        _database(call),
        call.user,
        required_statement(call),
        today=call.org.clock().date(),
        version=call.version,
        include_deleted=False,
    )
    body = {
        "size": result.size,
        "totalSize": result.size,
        "done": True,
        "queryLocator": None,
        "entityTypeName": result.sobject,
        "records": result.render(0, result.size),
    }
    return Reply(body=body)


def sobjects(call: Call) -> Reply:
    """GET tooling/sobjects."""
    listed = [describe_global(one, call.version) for one in _schema().types.values()]
    return Reply(body={"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})


def describe_object(call: Call, sobject: str) -> Reply:
    """GET tooling/sobjects/<name>/describe."""
    schema = _schema()
    found = schema.find(sobject)
    if found is None:
        return Reply(404, [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}])
    return Reply(body=describe(schema, found, call.user, call.version))


def execute_anonymous(_call: Call) -> Reply:
    """GET tooling/executeAnonymous: no Apex runs here, so nothing compiles."""
    body = {
        "line": 1,
        "column": 1,
        "compiled": False,
        "success": False,
        "compileProblem": "Apex is not available in this org",
        "exceptionStackTrace": None,
        "exceptionMessage": None,
    }
    return Reply(body=body)


def _schema() -> Schema:
    code = (own_id(), text("Name", "Name", 255, name_field=True), text("NamespacePrefix", "Namespace Prefix", 15))
    named = (
        text("DeveloperName", "Developer Name", 80, name_field=True),
        text("NamespacePrefix", "Namespace Prefix", 15),
    )
    entity = (
        own_id(),
        text("DurableId", "Durable ID", 255),
        text("QualifiedApiName", "Qualified API Name", 70, name_field=True),
        text("DeveloperName", "Developer Name", 80),
        text("Label", "Label", 80),
        text("PluralLabel", "Plural Label", 80),
        text("KeyPrefix", "Key Prefix", 3),
        boolean("IsQueryable", "Queryable"),
        boolean("IsCustomizable", "Customizable"),
        *system_fields(),
    )
    of_entity = lookup("EntityDefinitionId", "Entity", "EntityDefinition", child_relationship="CustomFields")
    fields = (own_id(), *named, picklist("TableEnumOrId", "Table"), of_entity, *system_fields())
    return Schema.of(
        [
            SObjectType("ApexClass", "Apex Class", "Apex Classes", "01p", (*code, *system_fields())),
            SObjectType("ApexTrigger", "Apex Trigger", "Apex Triggers", "01q", (*code, *system_fields())),
            SObjectType("CustomObject", "Custom Object", "Custom Objects", "01I", (own_id(), *named, *system_fields())),
            SObjectType("CustomField", "Custom Field", "Custom Fields", "00N", fields),
            SObjectType("EntityDefinition", "Entity Definition", "Entity Definitions", "4ie", entity),
        ]
    )


def _database(call: Call) -> Database:
    """The tooling objects of the org as it is now; ids are made from positions and so stay the same."""
    db, actor = Database(_schema()), call.org.actor(call.user)
    fields = 0
    for place, sobject in enumerate(sorted(call.org.schema.types.values(), key=lambda one: one.name), start=1):
        if not call.user.may_see(sobject):
            continue
        entity = f"4ie{place:012d}AAA"
        values: Row = {
            "DurableId": sobject.name,
            "QualifiedApiName": sobject.name,
            "DeveloperName": sobject.name.removesuffix("__c"),
            "Label": sobject.label,
            "PluralLabel": sobject.label_plural,
            "KeyPrefix": sobject.key_prefix,
            "IsQueryable": True,
            "IsCustomizable": True,
        }
        db.put("EntityDefinition", new_row(db.table("EntityDefinition"), entity, values, actor))
        if sobject.custom:
            custom: Row = {"DeveloperName": sobject.name.removesuffix("__c")}
            db.put("CustomObject", new_row(db.table("CustomObject"), f"01I{place:012d}AAA", custom, actor))
        for one in call.user.fields(sobject):
            if one.custom:
                fields += 1
                own: Row = {
                    "DeveloperName": one.name.removesuffix("__c"),
                    "TableEnumOrId": sobject.name,
                    "EntityDefinitionId": entity,
                }
                db.put("CustomField", new_row(db.table("CustomField"), f"00N{fields:012d}AAA", own, actor))
    return db
