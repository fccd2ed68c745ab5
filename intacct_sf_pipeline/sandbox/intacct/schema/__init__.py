"""The objects of the service as data tables: what each has, what may be read, written, filtered."""
