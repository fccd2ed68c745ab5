"""What an org offers: resources, limits, objects, describe. Source: salesforce.md section 3.1."""

from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.rest.conditional import not_modified
from intacct_sf_pipeline.sandbox.salesforce.rest.recent_rows import recent_items
from intacct_sf_pipeline.sandbox.salesforce.schema.describe import describe, describe_global

MAX_BATCH = 200
_RESOURCES = (
    "composite",
    "jobs",
    "limits",
    "parameterizedSearch",
    "query",
    "queryAll",
    "quickActions",
    "recent",
    "search",
    "sobjects",
    "tabs",
    "theme",
    "tooling",
)
_OTHER_LIMITS = {
    "ConcurrentAsyncGetReportInstances": 200,
    "DailyAsyncApexExecutions": 250_000,
    "DailyStreamingApiEvents": 10_000,
    "DataStorageMB": 1_024,
    "FileStorageMB": 1_024,
    "HourlyODataCallout": 1_000,
    "SingleEmail": 15,
}


def resources(call: Call) -> Reply:
    """The map of resource names to paths."""
    identity = f"{call.origin}/id/{call.org.organization_id}/{call.user.id}"
    return Reply(body={**{name: f"{call.base}/{name}" for name in _RESOURCES}, "identity": identity})


def limits(call: Call) -> Reply:
    """The limits of the org; API requests and bulk counters are live, the rest untouched."""
    meter = call.org.meter
    live = {"DailyApiRequests": {"Max": meter.quota, "Remaining": max(0, meter.quota - meter.used)}}
    live.update({name: {"Max": most, "Remaining": left} for name, (most, left) in call.org.bulk.limits().items()})
    return Reply(body={**live, **{name: {"Max": most, "Remaining": most} for name, most in _OTHER_LIMITS.items()}})


def sobjects(call: Call) -> Reply:
    """All objects the user may see; 304 when the client has them."""
    early = not_modified(call, call.org.schema_changed)
    if early is not None:
        return early
    seen = [t for t in call.org.schema.types.values() if call.user.may_see(t)]
    listed = [describe_global(t, call.version) for t in sorted(seen, key=lambda t: t.name)]
    return Reply(body={"encoding": "UTF-8", "maxBatchSize": MAX_BATCH, "sobjects": listed})


def basic_information(call: Call, sobject: str) -> Reply:
    """GET on an object: its global description and the rows of it this user saw last."""
    found = call.sobject(sobject)
    return Reply(
        body={"objectDescribe": describe_global(found, call.version), "recentItems": recent_items(call, found)}
    )


def describe_object(call: Call, sobject: str) -> Reply:
    """The describe document; 304 when the client has it."""
    found = call.sobject(sobject)
    early = not_modified(call, call.org.schema_changed)
    if early is not None:
        return early
    headers = {"Last-Modified": call.org.schema_changed.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    return Reply(body=describe(call.org.schema, found, call.user, call.version), headers=headers)
