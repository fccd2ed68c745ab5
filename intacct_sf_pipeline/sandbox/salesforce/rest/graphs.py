"""composite/graph: several composite requests, each all or none. Source: salesforce.md section 3.7."""

from collections.abc import Mapping

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.rest.composite import Dispatch, halted, listed, run_together

MOST_GRAPHS, MOST_NODES, MOST_FAILED = 75, 500, 14


def graph(call: Call, dispatch: Dispatch) -> Reply:
    """POST /composite/graph: graphs in order; one that fails leaves nothing behind, the others stay."""
    graphs = listed(call.mapping_body().get("graphs"), MOST_GRAPHS)
    requests = [listed(one.get("compositeRequest"), MOST_NODES) for one in graphs]
    if sum(map(len, requests)) > MOST_NODES:
        raise ApiError("LIMIT_EXCEEDED", f"the number of nodes must not exceed {MOST_NODES}")
    names = [_name(one) for one in graphs]
    if len(set(names)) != len(names):
        raise ApiError("INVALID_INPUT", "each graph needs a graphId of its own")
    answers: list[dict[str, object]] = []
    failed = 0
    for name, one in zip(names, requests, strict=True):
        items = [halted(r.get("referenceId")) for r in one] if failed >= MOST_FAILED else None
        done = False
        if items is None:
            items, done = run_together(call, one, dispatch)
        failed += not done
        answers.append({"graphId": name, "graphResponse": {"compositeResponse": items}, "isSuccessful": done})
    return Reply(body={"graphs": answers})


def _name(graph: Mapping[str, object]) -> str:
    name = graph.get("graphId")
    if not isinstance(name, str) or not name:
        raise ApiError("INVALID_INPUT", "each graph needs a graphId of its own")
    return name
