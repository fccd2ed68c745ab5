"""From what a service says to values that can be compared and written: composing, normalising, rendering."""
