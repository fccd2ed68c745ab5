"""Resources beside records, queries and describe: search, recent rows, layouts, record counts, tooling."""

from intacct_sf_pipeline.sandbox.salesforce.rest import (
    counts,
    layouts,
    recent_rows,
    search,
    tooling,
    trees,
)
from intacct_sf_pipeline.sandbox.salesforce.rest.route import Route, route

FURTHER_ROUTES: tuple[Route, ...] = (
    route("search", GET=search.search),
    route("parameterizedSearch", GET=search.parameterized, POST=search.parameterized),
    route("recent", GET=recent_rows.recent),
    route("limits/recordCount", GET=counts.record_counts),
    route("composite/tree/{}", POST=trees.create),
    route("tooling/query", GET=tooling.query),
    route("tooling/sobjects", GET=tooling.sobjects),
    route("tooling/sobjects/{}/describe", GET=tooling.describe_object),
    route("tooling/executeAnonymous", GET=tooling.execute_anonymous),
    route("tabs", GET=layouts.nothing),
    route("theme", GET=layouts.theme),
    route("quickActions", GET=layouts.nothing),
    route("sobjects/{}/listviews", GET=layouts.list_views),
    route("sobjects/{}/quickActions", GET=layouts.nothing_of),
    route("sobjects/{}/describe/layouts", GET=layouts.layouts),
    route("sobjects/{}/describe/layouts/{}", GET=layouts.layout),
    route("sobjects/{}/describe/compactLayouts", GET=layouts.compact_layouts),
    route("sobjects/{}/describe/approvalLayouts", GET=layouts.approval_layouts),
)
