"""The views that people read, as revision 0008 makes them: their columns, what each means, and where it comes from.

Expressions are portable SQL; ages are asked of `dialects`. A later revision that changes a view gets a module of its
own beside this one, and `CURRENT` in `staging.dictionary` follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from intacct_sf_pipeline.staging.dialects import seconds_between

HOUR, DAY = 3600, 86_400
Columns = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class View:
    """A view: what a row of it is, its columns (name: expression and meaning; no expression: the same name), and what
    it is taken from. `{since:column:unit}` is the time passed since a column, in whole units of so many seconds.
    """

    comment: str
    columns: Columns
    source: str


def _partner(record_side: str, record_key: str, alias: str) -> str:
    """Joins the link of a record: by the side it is on, so that either key is found by index."""
    return f"""
        LEFT JOIN flows f ON f.entity = {alias}.entity
        LEFT JOIN links li ON li.entity = f.link_entity AND {alias}.{record_side} = 'intacct'
            AND li.intacct_key = {alias}.{record_key}
        LEFT JOIN links ls ON ls.entity = f.link_entity AND {alias}.{record_side} = 'salesforce'
            AND ls.salesforce_id = {alias}.{record_key}
    """


def _both_keys(record_side: str, record_key: str, alias: str) -> Columns:
    here = f"CASE WHEN {alias}.{record_side} = '{{}}' THEN {alias}.{record_key} ELSE {{}} END"
    return {
        "intacct_key": (here.format("intacct", "ls.intacct_key"), "Record number in Intacct; null: no partner there"),
        "salesforce_id": (here.format("salesforce", "li.salesforce_id"), "Id in Salesforce; null: no partner there"),
    }


UNIT = ("CASE system WHEN 'intacct' THEN 'transactions' ELSE 'calls' END", "What the vendor bills by")
VIEWS: Mapping[str, View] = {
    "v_links": View(
        "Which record here is which record there, since when, and how they were joined",
        {
            "entity": ("", "The flow; prices and stock go by the links of products"),
            "intacct_key": ("", "Record number in Intacct"),
            "salesforce_id": ("", "18-character id in Salesforce"),
            "method": ("", "How they were joined: external-id, created, decision, or the name of a match rule"),
            "created_at": ("", "Since when"),
            "age_days": ("{since:created_at:day}", "The same in whole days"),
            "run_id": ("", "The run that joined them"),
        },
        "FROM links",
    ),
    "v_holds": View(
        "What waits for a person, or for its cause to go away: open holds",
        {
            "hold_id": ("", "Number of the hold, as `intacct-sf holds show` takes it"),
            "entity": ("h.entity", "The flow"),
            "record_side": ("", "Side of the record it is about: intacct or salesforce"),
            "record_key": ("", "Key of that record"),
            **_both_keys("record_side", "record_key", "h"),
            "target": ("", "The side that does not get the write"),
            "reason": ("", "Why, as a word"),
            "fields": ("", "JSON list of the fields held; empty: the whole record"),
            "message": ("", "Why, in a sentence"),
            "cure": ("", "What to do, in a sentence"),
            "who": ("", "Who can mend it: sales, finance or administrator"),
            "candidates": ("", "JSON list of possible partners"),
            "attempts": ("", "How often the write was refused"),
            "retry_at": ("", "When it is looked at again by itself; null: in every run"),
            "since": ("", "When it was first found"),
            "age_hours": ("{since:since:hour}", "How long ago, in whole hours"),
            "updated_at": ("", "When it last changed"),
            "run_id": ("h.run_id", "The run that last changed it"),
        },
        f"FROM holds h {_partner('record_side', 'record_key', 'h')} WHERE h.closed_at IS NULL",
    ),
    "v_decisions": View(
        "What people decided about holds",
        {
            "decision_id": ("", "Order of taking"),
            "entity": ("d.entity", "The flow"),
            "record_side": ("", "Side of the record it is about"),
            "record_key": ("", "Key of that record"),
            **_both_keys("record_side", "record_key", "d"),
            "reason": ("", "Reason of the hold it answers"),
            "fields": ("", "JSON list of the fields held; empty: the whole record"),
            "verdict": ("", "link, create, ignore, take_intacct, take_salesforce or approve"),
            "partner_key": ("", "For link: key of the record on the other side"),
            "decided_by": ("", "Who decided, as far as known"),
            "note": ("", "Why, in that person's words"),
            "decided_at": ("", "When"),
            "in_force": ("CASE WHEN closed_at IS NULL THEN 'yes' ELSE 'no' END", "yes: it still holds; no: closed"),
            "closed_at": ("", "When it was carried out, withdrawn or overtaken"),
            "run_id": ("d.run_id", "The run that closed it"),
        },
        f"FROM decisions d {_partner('record_side', 'record_key', 'd')}",
    ),
    "v_journal": View(
        "Every field written: what, when, why, and by which run",
        {
            "entry_id": ("", "Order of writing"),
            "at": ("", "When"),
            "entity": ("j.entity", "The flow"),
            "side": ("", "The side that was written"),
            "record_key": ("", "Key of the record written"),
            **_both_keys("side", "record_key", "j"),
            "operation": ("", "create, update, link or deactivate; force: a limit was overridden"),
            "field": ("", "Field, by its name in the mapping"),
            "before_value": ("", "Value before, as the service had it"),
            "after_value": ("", "Value written"),
            "values_kept": (
                "CASE WHEN dropped_at IS NULL THEN 'yes' ELSE 'no' END",
                "no: both values are gone by the retention setting `journal_values`",
            ),
            "rule": ('"rule"', "The rule that decided"),
            "reason": ("", "Why, in words"),
            "run_id": ("j.run_id", "The run that wrote it"),
            "run_kind": ("r.kind", "What kind of run: sync, undo, apply, ...; null: the ledger entry is gone"),
        },
        f"FROM journal j {_partner('side', 'record_key', 'j')} LEFT JOIN runs r ON r.run_id = j.run_id",
    ),
    "v_runs": View(
        "Runs: when, what about, what came of them and what they cost",
        {
            "run_id": ("r.run_id", "The run"),
            "kind": ("", "sync, plan, compare, undo, ..."),
            "entities": ("", "JSON list of the flows it is about"),
            "status": ("", "running, done, held, failed or crashed"),
            "started_at": ("", "When it began"),
            "finished_at": ("", "When it ended; null: at work"),
            "elapsed_seconds": ("{between:started_at:finished_at}", "From beginning to end"),
            "planned": (
                "(SELECT COUNT(*) FROM plan_lines p WHERE p.run_id = r.run_id AND p.operation <> 'none')",
                "Plan lines that would change something (of those still kept)",
            ),
            "written": (
                "(SELECT COUNT(*) FROM plan_lines p WHERE p.run_id = r.run_id AND p.status = 'written')",
                "Plan lines written (of those still kept)",
            ),
            "failed": (
                "(SELECT COUNT(*) FROM plan_lines p WHERE p.run_id = r.run_id AND p.status IN ('rejected', 'failed'))",
                "Plan lines refused or failed (of those still kept)",
            ),
            "fields_written": ("(SELECT COUNT(*) FROM journal j WHERE j.run_id = r.run_id)", "Journal entries"),
            "intacct_transactions": (
                "(SELECT SUM(s.billed) FROM api_spend s WHERE s.run_id = r.run_id AND s.system = 'intacct')",
                "Intacct transactions it cost; null: none, or folded into daily sums",
            ),
            "salesforce_calls": (
                "(SELECT SUM(s.billed) FROM api_spend s WHERE s.run_id = r.run_id AND s.system = 'salesforce')",
                "Salesforce calls it cost; null: none, or folded into daily sums",
            ),
            "seconds": (
                "(SELECT SUM(s.seconds) FROM run_steps s WHERE s.run_id = r.run_id)",
                "Time in its steps; more than it took when steps run at once",
            ),
            "host": ("", "The machine it ran on"),
            "detail": ("", "JSON: limits overridden, the plan applied or the run undone, where there is one"),
        },
        "FROM runs r",
    ),
    "v_freshness": View(
        "How far each object has been read",
        {
            "side": ("", "intacct or salesforce"),
            "feed": ("", "The feed, by its name in the mapping"),
            "read_up_to": ("value", "What was modified before this moment has been read; null: all is read again"),
            "minutes_behind": ("{since:value:minute}", "How long ago that is, in whole minutes"),
            "read_in_full_at": ("full_at", "When every row was last read"),
            "updated_at": ("", "When this was last moved"),
        },
        "FROM watermarks",
    ),
    "v_jobs": View(
        "Bulk jobs: many records handed to a service at once",
        {
            "job_id": ("", "The service's own id of the job"),
            "entity": ("", "The flow"),
            "side": ("", "The side it writes to"),
            "object": ("", "The service's object"),
            "operation": ("", "create or change"),
            "lines": ("", "Plan lines in it"),
            "state": ("", "What the service called it when last asked"),
            "processed": ("", "Rows the service has been through"),
            "failed": ("", "Rows it refused"),
            "message": ("", "Why the job failed, in the service's words"),
            "opened_at": ("", "When it was made"),
            "age_hours": ("{since:opened_at:hour}", "How long ago, in whole hours"),
            "looked_at": ("", "When it was last asked after"),
            "closed_at": ("", "When its results were all committed; null: under way"),
            "run_id": ("", "The run that made it"),
        },
        "FROM write_jobs",
    ),
    "v_api_spend": View(
        "What was spent at each vendor, as it was spent; older bookings are one row per day, flow and kind",
        {
            "system": ("", "intacct or salesforce"),
            "entity": ("", "The flow or feed it was spent on"),
            "run_id": ("", "The run; empty: a daily sum"),
            "at": ("", "When"),
            "billed": ("", "In the vendor's unit"),
            "requests": ("", "HTTP requests"),
            "step": ("", "The step of the run"),
            "kind": ("", "What for: read, lookup, write, login or describe"),
            "day": ("", "Day in UTC"),
            "local_day": ("", "Day in the company's time zone, by which months end"),
            "unit": UNIT,
        },
        "FROM api_spend",
    ),
    "v_api_spend_daily": View(
        "The same by day, vendor, flow and kind of call",
        {
            "local_day": ("", "Day in the company's time zone"),
            "system": ("", "intacct or salesforce"),
            "entity": ("", "The flow or feed"),
            "kind": ("", "What for: read, lookup, write, login or describe"),
            "billed": ("SUM(billed)", "In the vendor's unit"),
            "requests": ("SUM(requests)", "HTTP requests"),
            "unit": UNIT,
        },
        "FROM api_spend GROUP BY local_day, system, entity, kind",
    ),
}


def select_of(view: View, server: str) -> str:
    """The query of a view for one server."""
    columns = [
        f"{_expression(given, server)} AS {_quoted(name)}" if given else name
        for name, (given, _) in view.columns.items()
    ]
    return f"SELECT {', '.join(columns)} {view.source}"


def _expression(given: str, server: str) -> str:
    if not given.startswith("{"):
        return given
    kind, first, second = given.strip("{}").split(":")
    if kind == "between":
        return seconds_between(server, first, second)
    seconds = {"day": DAY, "hour": HOUR, "minute": 60}[second]
    return f"{seconds_between(server, first)} / {seconds}"


def _quoted(name: str) -> str:
    return f'"{name}"' if name == "rule" else name
