"""Bulk API 2.0: many records written by ingest jobs, or read by query jobs, where that takes fewer calls."""
