"""limits/recordCount. Source: REST Guide, Record Count."""

from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply


def record_counts(call: Call) -> Reply:
    """GET: how many rows the objects of `sObjects=` have (all of them without it), deleted ones left out."""
    names = [name.strip().lower() for name in call.query.get("sObjects", "").split(",") if name.strip()]
    found = [
        {"count": call.org.count(one.name), "name": one.name}
        for one in sorted(call.org.schema.types.values(), key=lambda one: one.name)
        if call.user.may_see(one) and (one.name.lower() in names or not names)
    ]
    return Reply(body={"sObjects": found})
