# make run     install what is needed, start the server, open the page
# make test    everything: linters, types, tests, a real browser
# make bench   the speed of training, of the page and of the lab
# make format  put Python, JavaScript and CSS in shape
# make clean   remove all that make made
#
# `make run PYTHON=/path/to/python3.12` picks the interpreter; ARGS="--dataset spiral" goes to
# the server (`make run ARGS=--help`).

.DEFAULT_GOAL := help
.PHONY: help run test lint bench format clean
.DELETE_ON_ERROR:

PYTHON ?=
PYTHONS := $(if $(PYTHON),$(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
DECLARED := pyproject.toml hatch_build.py package.json package-lock.json

# The tools of the environment come first, a Node that came from PyPI among them.
export PATH := $(CURDIR)/$(BIN):$(PATH)

help:
	@sed -n 's/^# make/make/p' Makefile

run: $(VENV)/.installed
	@exec $(BIN)/python -m server $(ARGS)

# Two processes: most of a browser's tests is waiting. Each takes from the other when it is done.
test: $(VENV)/.browser lint
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(ARGS)

lint: $(VENV)/.installed-test $(VENV)/.node
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@node_modules/.bin/tsc
	@node_modules/.bin/biome check --error-on-warnings

bench: $(VENV)/.browser
	@$(BIN)/python -m tests.bench $(ARGS)

format: $(VENV)/.installed-test $(VENV)/.node
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format
	@node_modules/.bin/biome check --write

clean:
	rm -rf $(VENV) node_modules static/vendor dist build tests/browser/artifacts
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find engine server tests -name __pycache__ -prune -exec rm -rf {} +

# What is installed is remembered by a stamp each, so that a second `make run` starts at once.

$(VENV)/.made:
	@for python in $(PYTHONS); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    "$$python" -m venv $(VENV) || exit 1; touch $@; exit 0; \
	  fi; \
	done; \
	echo "backprop-live needs Python 3.11 or newer; found none as: $(PYTHONS)" >&2; \
	echo "Say which one to use: make run PYTHON=/path/to/python3.12" >&2; exit 1

$(VENV)/.installed: $(VENV)/.made $(DECLARED)
	@echo "installing backprop-live into $(VENV)"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.made $(DECLARED)
	@echo "installing backprop-live and what its tests need into $(VENV)"
	@$(PIP) --editable ".[test]"
	@touch $@ $(VENV)/.installed

$(VENV)/.node: $(VENV)/.installed-test package-lock.json tests/setup_node.py
	@$(BIN)/python tests/setup_node.py
	@touch $@

$(VENV)/.browser: $(VENV)/.installed-test tests/setup_browser.py
	@$(BIN)/python tests/setup_browser.py
	@touch $@
