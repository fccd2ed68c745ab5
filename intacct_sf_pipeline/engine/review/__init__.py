"""Looking back: compare and heal, explain, undo, plans kept in files."""
