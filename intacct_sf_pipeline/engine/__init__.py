"""The sync itself, free of Dagster, HTTP and SQL: extract, stage, match, merge, plan, apply, compare."""
