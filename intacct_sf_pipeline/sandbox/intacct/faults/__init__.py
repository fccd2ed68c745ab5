"""Faults that happen inside the loopback Intacct: to its data, its clock, its keys, its answers."""
