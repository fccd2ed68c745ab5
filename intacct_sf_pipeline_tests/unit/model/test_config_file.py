"""One process, one parse: the same file gives the same configuration, until it is saved anew."""

from __future__ import annotations

import os
from pathlib import Path

from intacct_sf_pipeline.model.config_file import config_in


def test_a_file_is_parsed_again_only_when_it_was_saved(tmp_path: Path) -> None:
    file = tmp_path / "sync.yaml"
    file.write_text("version: 1\nretention: {runs: 40}\n")
    first = config_in(file)
    assert config_in(file) is first
    file.write_text("version: 1\nretention: {runs: 41}\n")
    os.utime(file, ns=(1, 1))
    assert config_in(file).retention.runs == 41


def test_no_file_is_the_packaged_configuration() -> None:
    assert config_in(None) is config_in(None)
    assert config_in(None).mapping.entity("accounts")
