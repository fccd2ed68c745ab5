"""What the run spends at the vendors: booked as it happens, and kept within the budget."""
