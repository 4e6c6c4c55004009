# Needs python3 (3.11 or newer), pip and make; everything else goes into .venv.
# `make` or `make help` lists the targets.

PYTHON ?= python3
VENV ?= .venv
BIN := $(abspath $(VENV))/bin
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(JOBS)
CODE := sqlvec wire planner storage tests tools examples benchmarks

MADE := $(VENV)/.made
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

.PHONY: help install demo serve test test-slow test-clients torture check format format-check lint types imports \
	structure docs golden bench wheel clean distclean

help:                ## list the targets
	@sed -n 's/^\([a-z-]*\): .*## /  make \1\t/p' Makefile | expand -t 22

install: $(DEV)      ## make .venv with everything to develop

demo: $(RUNTIME)     ## guided tour over real data, in a temporary directory
	@$(BIN)/sqlvec demo

serve: $(RUNTIME)    ## run a server over ./sqlvec-data
	@$(BIN)/sqlvec serve

test: $(DEV)         ## the whole test suite, except what takes minutes
	@$(PYTEST) -m "not slow" tests

test-slow: $(DEV)    ## the tests that take minutes
	@$(PYTEST) -m slow tests

test-clients: $(DEV) ## only the tests through real clients (psql, psycopg, asyncpg, SQLAlchemy)
	@$(PYTEST) tests/clients tests/test_examples.py

# Longer runs: SQLVEC_TORTURE_SECONDS, _ROUNDS, _STATEMENTS, _INPUTS and _SEEDS=10-40; each file says which it knows.
torture: $(DEV)      ## kill -9, broken bytes, concurrent writers, and their figures: minutes
	@$(BIN)/python -m pytest -n 0 -s tests/torture

check: format-check lint types imports structure ## everything but the tests: style, types, layers, structure

format: $(DEV)       ## rewrite the code in our format
	@$(BIN)/ruff format --quiet $(CODE)
	@$(BIN)/ruff check --quiet --fix $(CODE)

format-check: $(DEV)
	@$(BIN)/ruff format --check --quiet $(CODE) || { echo "run 'make format'" >&2; exit 1; }

lint: $(DEV)         ## ruff
	@$(BIN)/ruff check --quiet $(CODE)

types: $(DEV)        ## mypy, strict and cold
	@$(BIN)/mypy --no-incremental --no-error-summary
	@$(BIN)/mypy --no-incremental --no-error-summary tools examples benchmarks

imports: $(DEV)      ## who may import whom
	@tools/quietly.sh $(VENV)/imports.log $(BIN)/lint-imports --no-cache

structure: $(DEV)    ## lengths, package list, versions, generated pages
	@$(BIN)/python -m pytest -n 0 tests/test_architecture.py tests/test_packaging.py

docs: $(DEV)         ## rewrite the generated parts of the pages in docs/
	@$(BIN)/python tools/configuration_page.py
	@$(BIN)/python tools/settings_page.py

golden: $(DEV)       ## rewrite the golden files; read the difference before you commit it
	@$(BIN)/python -m pytest -n 0 --update-golden tests

bench: $(DEV)        ## recall and speed over 100,000 rows: minutes
	@$(BIN)/python -m benchmarks.recall $(BENCH)

wheel: $(DEV)        ## build dist/*.whl
	@rm -rf build
	@tools/quietly.sh $(VENV)/wheel.log $(BIN)/python -m pip wheel --no-deps --wheel-dir dist .
	@ls dist/*.whl

clean:               ## remove what builds and tools leave behind
	@rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean     ## clean, and remove .venv
	@rm -rf $(VENV)

$(MADE):
	@echo "making $(VENV)"
	@tools/make_environment.sh $(PYTHON) $(VENV)
	@touch $@

# pip's remarks (an index that is not there, a newer pip) are noise unless it fails.
$(RUNTIME): pyproject.toml | $(MADE)
	@echo "installing sqlvec into $(VENV)"
	@tools/quietly.sh $(VENV)/install.log $(BIN)/python -m pip install --quiet -e .
	@touch $@

$(DEV): pyproject.toml | $(MADE)
	@echo "installing sqlvec and the development tools into $(VENV)"
	@tools/quietly.sh $(VENV)/install.log $(BIN)/python -m pip install --quiet -e '.[dev]'
	@touch $@ $(RUNTIME)
