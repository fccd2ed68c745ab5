"""Bulk API 1.0: `/services/async/<version>/job...`, jobs of batches in CSV, XML or JSON. Bulk API 2.0 is in `bulk`.

Source: Bulk API Developer Guide (Job, Batch, Errors); public clients where the guide is silent (named where used).
"""
