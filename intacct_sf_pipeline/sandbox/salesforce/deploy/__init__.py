"""Deploying a source-format project into the org, with the checks of the Metadata API."""
