"""Changing records: `create`, `update`, `delete`, and what the legacy functions share with them."""
