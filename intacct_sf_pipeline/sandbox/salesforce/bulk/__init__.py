"""Bulk API 2.0: ingest and query jobs, their files, and how the org works them off."""
