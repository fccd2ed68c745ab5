"""Documentation and program say the same: commands, options, variables, YAML keys; and every example file loads."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import inspect

from intacct_sf_pipeline.cli.app import build_app
from intacct_sf_pipeline.model.config import Limits, Policies, ScheduleConfig
from intacct_sf_pipeline.model.fields import FieldSpec
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, SideSpec
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.plans import HoldReason
from intacct_sf_pipeline.orchestration.build import build_definitions
from intacct_sf_pipeline.sandbox.faults import FAULTS
from intacct_sf_pipeline.settings import VARIABLES
from intacct_sf_pipeline.staging import migrate
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.schema import metadata

ROOT = Path(__file__).parents[2]
PAGES = {
    path.name: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
EVERYTHING = "\n".join(PAGES.values())
COMMON_OPTIONS = {"--json", "--help", "--debug", "--version"}
KEYS_OF_PLACE = {"name", "side"}
"""Fields of the model that the loader fills in from a value's place in the file."""


def _commands() -> dict[str, Any]:
    """Every command by its full name, e.g. `holds list`."""

    def walk(command: Any, prefix: str) -> Iterator[tuple[str, Any]]:
        for name, child in getattr(command, "commands", {}).items():
            path = f"{prefix} {name}".strip()
            if hasattr(child, "commands"):
                yield from walk(child, path)
            else:
                yield path, child

    return dict(walk(typer.main.get_command(build_app()), ""))


COMMANDS = _commands()


def _invocations() -> list[tuple[str, str]]:
    """Every `intacct-sf ...` in the pages, with the page it stands on."""
    pattern = re.compile(r"intacct-sf((?: [^`\n#>&|;,)]+)?)")
    return [(page, match.strip()) for page, text in PAGES.items() for match in pattern.findall(text) if match.strip()]


def _command_of(words: list[str]) -> str | None:
    for length in (2, 1):
        if " ".join(words[:length]) in COMMANDS:
            return " ".join(words[:length])
    return None


@pytest.mark.parametrize(("page", "line"), _invocations())
def test_every_command_and_option_in_the_pages_exists(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    command = _command_of(words)
    groups = {name.split()[0] for name in COMMANDS if " " in name}
    assert command or words[0] in groups, f"{page} names `intacct-sf {line}`, which is no command"
    options = {word.partition("=")[0] for word in words if word.startswith("--")}
    known = {option for parameter in COMMANDS[command].params for option in parameter.opts} if command else set()
    assert options <= known | COMMON_OPTIONS, f"{page}: `intacct-sf {line}` has unknown options"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"{command}`" in EVERYTHING or f"intacct-sf {command}" in EVERYTHING
    assert command.split(maxsplit=1)[0] in PAGES["README.md"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_json(command: str) -> None:
    options = {option for parameter in COMMANDS[command].params for option in parameter.opts}
    assert "--json" in options
    assert COMMANDS[command].help


def test_every_sandbox_option_is_documented() -> None:
    options = {o for p in COMMANDS["sandbox serve"].params for o in p.opts if o.startswith("--")} - {"--json"}
    assert {option for option in options if f"`{option}" not in PAGES["sandbox.md"]} == set()


def _first_cells(page: str, heading: str) -> set[str]:
    """The names in backticks in the first column of the table under `heading`."""
    text = PAGES[page].split(heading, 1)[1]
    lines = text.splitlines()
    table = [
        line
        for line in lines[: next((n for n, line in enumerate(lines) if line.startswith("#")), len(lines))]
        if line.startswith("|")
    ]
    return {name for line in table for name in re.findall(r"`([^`]+)`", line.split("|")[1])}


def test_variables_are_documented_and_exist() -> None:
    headings = ("## Environment", "### Intacct by XML Web Services")
    assert set().union(*(_first_cells("configuration.md", heading) for heading in headings)) == set(VARIABLES)


def test_the_example_environment_names_known_variables_only() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    names = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", text, flags=re.MULTILINE))
    assert names
    assert names <= set(VARIABLES)


@pytest.mark.parametrize(
    ("page", "headings", "model"),
    [
        ("configuration.md", ["### `feeds` and `entities`"], FeedSpec),
        ("configuration.md", ["### `policies`"], Policies),
        ("configuration.md", ["### `schedule`"], ScheduleConfig),
    ],
)
def test_tables_of_keys_are_complete(page: str, headings: list[str], model: Any) -> None:
    documented = set().union(*(_first_cells(page, heading) for heading in headings))
    assert documented == set(model.model_fields) - KEYS_OF_PLACE


@pytest.mark.parametrize("model", [EntityMapping, SideSpec, FieldSpec, Limits])
def test_every_key_of_the_mapping_is_documented(model: Any) -> None:
    text = PAGES["mapping.md"] + PAGES["configuration.md"]
    code = "\n".join(re.findall(r"```yaml(.*?)```", text, flags=re.DOTALL))
    keys = set(re.findall(r"`([a-z_]+)`", text)) | set(re.findall(r"([a-z_]+):", code))
    assert set(model.model_fields) - KEYS_OF_PLACE - {"description"} <= keys


@pytest.mark.parametrize("heading", ["### Further keys of a field", "### Keys of an entity"])
def test_the_mapping_guide_names_no_key_that_is_gone(heading: str) -> None:
    known = {*EntityMapping.model_fields, *FieldSpec.model_fields}
    assert _first_cells("mapping.md", heading) <= known


def test_every_reason_for_a_hold_is_explained() -> None:
    assert _first_cells("operations.md", "## Holds") == {reason.value for reason in HoldReason}


def test_every_fault_of_the_sandbox_is_explained() -> None:
    assert _first_cells("sandbox.md", "## Faults") == set(FAULTS)


@pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")
def test_every_job_schedule_and_sensor_is_described() -> None:
    definitions = build_definitions(load_config(None))
    jobs = {job.name for job in definitions.resolve_all_job_defs() if not job.name.startswith("__")}
    schedules = {schedule.name for schedule in definitions.schedules or ()}
    sensors = {sensor.name for sensor in definitions.sensors or ()}
    assert _first_cells("operations.md", "## What runs when") == jobs | schedules | sensors


def test_the_tables_of_the_staging_database_are_described(tmp_path: Path) -> None:
    described = {name for name in _first_cells("architecture.md", "## Tables") if "<" not in name}
    assert described == set(metadata.tables)
    views = set(re.findall(r"`(v_[a-z_]+)`", PAGES["architecture.md"]))
    engine = create_staging_engine(f"sqlite:///{tmp_path / 'staging.db'}")
    try:
        migrate.upgrade(engine)
        assert views == set(inspect(engine).get_view_names())
    finally:
        engine.dispose()


def _example_files() -> list[tuple[str, str]]:
    blocks = [
        (page, block)
        for page, text in PAGES.items()
        for block in re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    ]
    return [(page, block) for page, block in blocks if block.startswith("version: 1")]


@pytest.mark.parametrize(("page", "block"), _example_files())
def test_every_example_configuration_loads(page: str, block: str, tmp_path: Path) -> None:
    path = tmp_path / page.replace(".md", ".yaml")
    path.write_text(block, encoding="utf-8")
    assert load_config(path).mapping.enabled()


def test_links_between_pages_lead_somewhere() -> None:
    for page, text in PAGES.items():
        folder = ROOT if page == "README.md" else ROOT / "docs"
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            if not target.startswith("http"):
                assert (folder / target).exists(), f"{page} links to {target}"
