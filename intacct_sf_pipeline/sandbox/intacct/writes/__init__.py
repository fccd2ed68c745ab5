"""Changing records: reading payloads, business rules, create, update, delete, loading, stock movements."""
