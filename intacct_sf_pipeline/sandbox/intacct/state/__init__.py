"""The company's data in memory: tables, transactions, derived values, meters. Nothing here knows HTTP."""
