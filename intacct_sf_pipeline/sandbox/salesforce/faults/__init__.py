"""Faults that happen inside the loopback Salesforce: to its data, its clock, its answers."""
