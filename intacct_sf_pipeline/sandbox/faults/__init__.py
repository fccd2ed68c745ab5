"""Faults the sandbox can be told to have: the table, the rules, and the plan that says which request meets which.

A fault file (`docs/sandbox.md`) is read by `fault_file`; `fault_middleware` makes the faults of the wire happen and
tells the services of those they perform themselves.
"""

from intacct_sf_pipeline.sandbox.faults.catalog import FAULTS, SERVICES
from intacct_sf_pipeline.sandbox.faults.plan import FaultPlan
from intacct_sf_pipeline.sandbox.faults.rules import FaultRule, Request

__all__ = ["FAULTS", "SERVICES", "FaultPlan", "FaultRule", "Request"]
