# Two commands on a fresh machine: `make demo` and `make test`. Both need only Python 3.11 or later and make.
PYTHON ?= $(shell command -v python3.13 || command -v python3.12 || command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-all docs check format bench clean

demo: $(VENV)/.train ## train, predict, validate, score and publish on the embedded corpus
	$(BIN)/massive-kit demo --out demo-out

test: $(VENV)/.dev ## the quick tests
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow and not browser and not realdata"

test-all: $(VENV)/.dev ## also the slow ones, and those in a browser
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not realdata"

docs: $(VENV)/.docs ## the manual, which opens from the disk
	$(BIN)/python -m manual --out build/manual

check: $(VENV)/.dev ## lint, format, types, layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.dev ## each prints a table of ratios
	for one in benchmarks/*.py; do $(BIN)/python $$one || exit 1; done

# One environment for both; `dev` holds all that `train` does. The python on PATH may be a shim without
# a version behind it, so that the first one that runs is taken.
$(VENV)/bin/python:
	@for p in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { $$p -m venv $(VENV); break; }; \
	done; test -x $@ || { echo "massive-kit needs Python 3.11 or later"; exit 1; }

# pip would compile one file after the other.
INSTALL = $(BIN)/python -m pip install --quiet --no-compile --editable
COMPILE = $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true

$(VENV)/.train: $(VENV)/bin/python pyproject.toml
	$(INSTALL) ".[train]"
	@$(COMPILE)
	@touch $@

$(VENV)/.docs: $(VENV)/bin/python pyproject.toml
	$(INSTALL) ".[docs]"
	@$(COMPILE)
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	$(INSTALL) ".[dev]"
	@$(COMPILE)
	@touch $@ $(VENV)/.train $(VENV)/.docs

clean:
	rm -rf $(VENV) demo-out build dist
