"""The command line `intacct-sf`: one module per command group; `app` puts them together, errors become exit codes."""
