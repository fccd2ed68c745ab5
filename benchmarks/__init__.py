"""What the pipeline costs, measured beside floors and other tools; `make bench` runs all of it. See RESULTS.md."""
