# Every verb installs what it needs into .venv first; nothing else on the machine is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install demo test thorough test-xml test-postgresql test-tsql test-mssql test-mssql-contract test-mssql-scenarios interop torture bench ui lint format clean help

help:
	@echo "make demo     install, then run the main job on the built-in sandbox and SQLite"
	@echo "make test     install, then run the whole test suite"
	@echo "make thorough install, then run it with more examples, longer random walks and more kills"
	@echo "make test-xml install, then run all scenarios through Intacct's XML Web Services"
	@echo "make test-postgresql, test-tsql  install, then run all scenarios on PostgreSQL, or on the stand-in for SQL Server"
	@echo "make test-mssql                  install, then run staging contract and scenarios on the server of TEST_MSSQL_URL"
	@echo "make interop  install other people's clients at fixed versions, then run them against the sandbox"
	@echo "make torture  random edits, faults, kills and overlapping runs, for an hour (TORTURE_SECONDS, TORTURE_SEED)"
	@echo "make bench    install other tools beside, measure everything, write benchmarks/RESULTS.md (BENCH_ARGS=\"--quick\")"
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
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

thorough: install
	TEST_EFFORT=thorough $(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

# In `make test` a part of them runs through XML, in `.ci/run` too.
SCENARIOS := $(wildcard intacct_sf_pipeline_tests/integration/test_scenarios_*.py)
test-xml: install
	TEST_INTACCT_API=xml $(BIN)/python -m pytest --numprocesses 3 --dist loadfile $(SCENARIOS) \
	  intacct_sf_pipeline_tests/integration/test_undo_crashes.py intacct_sf_pipeline_tests/integration/test_plan_apply.py \
	  intacct_sf_pipeline_tests/integration/test_torture.py

# On which database: docs/databases.md. In `make test` the staging contract runs on SQLite, PostgreSQL and the stand-in.
test-postgresql test-tsql: install
	TEST_SCENARIO_DATABASE=$(@:test-%=%) $(BIN)/python -m pytest --numprocesses 3 --dist loadfile $(SCENARIOS)

test-mssql: test-mssql-contract test-mssql-scenarios

test-mssql-contract: install
	@test -n "$$TEST_MSSQL_URL" || { echo "TEST_MSSQL_URL is not set; see docs/databases.md"; exit 2; }
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile intacct_sf_pipeline_tests/contracts/staging

test-mssql-scenarios: install
	@test -n "$$TEST_MSSQL_URL" || { echo "TEST_MSSQL_URL is not set; see docs/databases.md"; exit 2; }
	TEST_SCENARIO_DATABASE=mssql $(BIN)/python -m pytest --numprocesses 3 --dist loadfile $(SCENARIOS)

# The clients are installed once, below $(CLIENTS); a second run needs no network.
CLIENTS := .interop
interop: install
	$(BIN)/python -m intacct_sf_pipeline_tests.interop.clients $(CLIENTS)
	INTEROP_CLIENTS=$(CLIENTS) $(BIN)/python -m pytest intacct_sf_pipeline_tests/interop

torture: install
	$(BIN)/python -m intacct_sf_pipeline_tests.integration.torture

# The tools it compares with are installed below .bench; .venv stays as it is.
bench: install
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) $(CLIENTS) .bench build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
