"""The command line `intacct-sf`: one module per command group; `app` puts them together and turns errors into exit codes."""
