# Two commands do everything: `make run` and `make test`. Both set up what they need, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test torture failpoints lint bench results clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

run: $(VENV)/run.stamp ## Start the daemon on the default configuration and open the screen
	@if [ -t 0 ] && [ -t 1 ]; then wait=--no-wait; show=tui; else wait=--wait; show=watch; fi; \
	  $(BIN)/landerctl status >/dev/null 2>&1 || $(BIN)/landerctl start $$wait || \
	    { code=$$?; test $$code -eq 5 || exit $$code; }; \
	  $(BIN)/landerctl $$show

test: $(VENV)/test.stamp lint ## Check all that lint checks, then run every test
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# A seed of its own for each run: TORTURE_SEED=N makes one again.
torture: $(VENV)/test.stamp ## Fuzz with 10,000 inputs each and kill 200 times (some minutes)
	@TORTURE_INPUTS=10000 TORTURE_KILLS=200 TORTURE_SEED=$${TORTURE_SEED:-$$(date +%s)} \
	  $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder tests/daemon/torture \
	  tests/e2e/test_torture.py

failpoints: $(VENV)/test.stamp ## Kill and starve backups and rollbacks at each named step; print what came of it
	@$(BIN)/python -m tests.failpoints

lint: $(VENV)/test.stamp ## Check style, types, imports and declared packages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry .
	@$(BIN)/deptry tests --exclude '\.venv' --ignore DEP002,DEP004

bench: $(VENV)/test.stamp ## Measure, record, and write the figures into the documents
	@$(BIN)/python -m benchmarks

results: $(VENV)/test.stamp ## Train five seeds of each vehicle, record them, write docs/results.md (days; resumes)
	@$(BIN)/python -m benchmarks.results train

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/run.stamp: install.py pyproject.toml constraints.txt
	@$(PYTHON) install.py $(VENV)
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	@$(PYTHON) install.py $(VENV) --dev
	@touch $@
