"""All of Dagster and nothing else: one module per Dagster noun. No business rule and no loop over rows lives here."""
