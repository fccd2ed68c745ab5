"""`getAPISession`: a session, at the top level or in an entity, and the endpoint it belongs to.

Source: the reference, 2.3.
"""

from intacct_sf_pipeline.sandbox.intacct.xml.calls import Data, FunctionCall, FunctionResult
from intacct_sf_pipeline.sandbox.intacct.xml.elements import branch, leaf


def get_api_session(call: FunctionCall) -> FunctionResult:
    """A new session: in the entity `locationid` names, the top level if empty, the caller's if absent."""
    if call.company.options.xml.metered_lookups:
        call.company.transactions.read(call.name)
    else:
        call.company.transactions.token_calls += 1
    place = call.element.find("locationid")
    opened = call.company.xml_sessions.open(call.session, None if place is None else call.text("locationid"))
    endpoint = f"{call.endpoint}?pod={opened.pod}" if opened.pod else call.endpoint
    told = [
        leaf("sessionid", opened.session_id),
        leaf("endpoint", endpoint),
        leaf("locationid", opened.location_id),
    ]
    return call.answer(Data(children=[branch("api", told)]))
