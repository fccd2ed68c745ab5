"""What keeps a run from doing harm: limits per run and breakers per value."""
