"""What the page on the sandbox says about the XML door is what there is."""

import re
from dataclasses import fields
from pathlib import Path

from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions
from intacct_sf_pipeline.sandbox.intacct.xml.handlers import HANDLERS

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> set[str]:
    """The words in backticks in the first column of the table under a heading."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_every_switch_is_explained() -> None:
    assert first_cells("XML: switches") == {field.name for field in fields(XmlOptions)}


def test_every_function_is_named() -> None:
    named = first_cells("Intacct's XML door")
    legacy = re.compile(r"(create|update|delete)_\w+")  # the page says "and its kin"
    assert {name for name in HANDLERS if not legacy.fullmatch(name)} <= named <= set(HANDLERS)
