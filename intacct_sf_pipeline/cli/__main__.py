"""`python -m intacct_sf_pipeline.cli`: the same as `intacct-sf`."""

from intacct_sf_pipeline.cli.app import main

if __name__ == "__main__":
    main()
