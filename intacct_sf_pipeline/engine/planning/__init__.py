"""What to write, field by field, and why: merge, plan lines, creations, deletions."""
