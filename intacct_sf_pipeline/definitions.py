"""The Dagster code location: what `workspace.yaml` and `[tool.dg]` point to.

The mapping is the one that `SYNC_CONFIG` names, or the packaged default; a broken one is refused here, with its file
and line.
"""

from intacct_sf_pipeline.orchestration.build import build_definitions
from intacct_sf_pipeline.orchestration.executors import sync_executor
from intacct_sf_pipeline.orchestration.resources import configuration
from intacct_sf_pipeline.settings import load_settings

defs = build_definitions(configuration(), executor=sync_executor(load_settings().sync_executor))
