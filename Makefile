# Every verb installs what it needs into .venv first; nothing else on the machine is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install demo test torture ui lint format clean help

help:
	@echo "make demo     install, then run the main job on the built-in sandbox and SQLite"
	@echo "make test     install, then run the whole test suite"
	@echo "make torture  random edits, faults, kills and overlapping runs, for an hour (TORTURE_SECONDS, TORTURE_SEED)"
	@echo "make ui       leave the sandbox and the Dagster UI running, print the address"
	@echo "make lint     ruff, mypy --strict, import-linter"
	@echo "make install  only install into $(VENV)"

install: $(STAMP)

$(STAMP): pyproject.toml setup.cfg constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev,postgres]"
	touch $(STAMP)

demo: install
	$(BIN)/intacct-sf demo

ui: install
	$(BIN)/intacct-sf demo --ui

test: install
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

torture: install
	$(BIN)/python -m intacct_sf_pipeline_tests.integration.torture

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
