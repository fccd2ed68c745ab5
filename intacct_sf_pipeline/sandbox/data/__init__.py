"""What the sandbox holds at start: a generated company (`world`) or a company's own CSV exports (`csv_loader`)."""
