"""What flows through the pipeline: values and their rules, with no I/O."""
