"""Layouts, list views, quick actions, tabs and themes: one plain layout per object, none of the rest.

Source: REST Guide, sObject Layouts, sObject CompactLayouts, sObject ApprovalLayouts, List Views, Tabs, Themes.
"""

from intacct_sf_pipeline.sandbox.salesforce.errors import not_found
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.schema.describe import MASTER_RECORD_TYPE, describe_field
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType

_LAYOUT_ID = "00h000000000001AAA"


def layouts(call: Call, sobject: str) -> Reply:
    """All layouts of an object and which record type has which."""
    found = call.sobject(sobject)
    mapping: dict[str, object] = {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "layoutId": _LAYOUT_ID,
        "master": True,
        "name": "Master",
        "picklistsForRecordType": None,
        "recordTypeId": MASTER_RECORD_TYPE,
        "urls": {"layout": f"{call.base}/sobjects/{found.name}/describe/layouts/{MASTER_RECORD_TYPE}"},
    }
    body = {
        "layouts": [_layout(call, found)],
        "recordTypeMappings": [mapping],
        "recordTypeSelectorRequired": [False],
    }
    return Reply(body=body)


def layout(call: Call, sobject: str, record_type: str) -> Reply:
    """The layout of one record type."""
    if record_type[:15] != MASTER_RECORD_TYPE[:15]:
        raise not_found()
    return Reply(body=_layout(call, call.sobject(sobject)))


def compact_layouts(call: Call, sobject: str) -> Reply:
    """The compact layout: the name."""
    found = call.sobject(sobject)
    names = [f for f in call.user.fields(found) if f.name_field]
    compact = {
        "actions": [],
        "fieldItems": [_item(call, found, field) for field in names],
        "id": None,
        "imageItems": [],
        "label": "System Default",
        "name": "SYSTEM",
        "objectType": found.name,
    }
    mapping: dict[str, object] = {
        "available": True,
        "compactLayoutId": None,
        "compactLayoutName": "SYSTEM",
        "recordTypeId": MASTER_RECORD_TYPE,
        "recordTypeName": "Master",
        "urls": {},
    }
    body = {
        "compactLayouts": [compact],
        "defaultCompactLayoutId": None,
        "recordTypeCompactLayoutMappings": [mapping],
        "urls": {"primary": f"{call.base}/sobjects/{found.name}/describe/compactLayouts/primary"},
    }
    return Reply(body=body)


def approval_layouts(call: Call, sobject: str) -> Reply:
    """Approval layouts: there are none."""
    call.sobject(sobject)
    return Reply(body={"approvalLayouts": []})


def list_views(call: Call, sobject: str) -> Reply:
    """List views: there are none."""
    found = call.sobject(sobject)
    return Reply(body={"done": True, "listviews": [], "nextRecordsUrl": None, "size": 0, "sobjectType": found.name})


def nothing_of(call: Call, sobject: str) -> Reply:
    """An empty list that belongs to an object, such as its quick actions."""
    call.sobject(sobject)
    return Reply(body=[])


def nothing(_call: Call) -> Reply:
    """An empty list, such as the tabs or the global quick actions."""
    return Reply(body=[])


def theme(_call: Call) -> Reply:
    """Icons and colours: there are none."""
    return Reply(body={"themeItems": []})


def _layout(call: Call, sobject: SObjectType) -> dict[str, object]:
    fields = [f for f in call.user.fields(sobject) if f.type != "id" and f.compound is None]
    sections = [_section(call, sobject, fields, editing=False)]
    return {
        "buttonLayoutSection": {"detailButtons": []},
        "detailLayoutSections": sections,
        "editLayoutSections": [_section(call, sobject, [f for f in fields if f.updateable], editing=True)],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "id": _LAYOUT_ID,
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": {"quickActionListItems": []},
        "relatedContent": None,
        "relatedLists": [],
        "saveOptions": [],
    }


def _section(call: Call, sobject: SObjectType, fields: list[Field], *, editing: bool) -> dict[str, object]:
    rows = [{"layoutItems": [_item(call, sobject, field, editing=editing)], "numItems": 1} for field in fields]
    return {
        "collapsed": False,
        "columns": 1,
        "heading": f"{sobject.label} Information",
        "layoutRows": rows,
        "parentLayoutId": _LAYOUT_ID,
        "rows": len(rows),
        "tabOrder": "LeftToRight",
        "useCollapsibleSection": False,
        "useHeading": False,
    }


def _item(call: Call, sobject: SObjectType, field: Field, *, editing: bool = False) -> dict[str, object]:
    component = {
        "details": describe_field(sobject, field, call.user),
        "displayLines": 1,
        "tabOrder": 1,
        "type": "Field",
        "value": field.name,
    }
    return {
        "editableForNew": editing and field.createable,
        "editableForUpdate": editing and field.updateable,
        "label": field.label,
        "layoutComponents": [component],
        "placeholder": False,
        "required": field.required,
    }
