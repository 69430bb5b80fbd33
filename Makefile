# make run    sets everything up and serves http://127.0.0.1:8000
# make test   sets everything up and runs the tests
# make eval   asks the labelled questions and says whether the answers got worse
# make test-llm  the tests with a real language model (llama.cpp and a small model from packages)
# make setup  sets everything up, into .venv
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: setup run test fast lint types contract bench bench-scale bench-load eval clean test-llm
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# //p' Makefile

setup: $(VENV)/.run-stamp

$(VENV)/.run-stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "verbind-bot heeft Python 3.11 of nieuwer nodig; '$(PYTHON)' is ouder. Probeer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev-stamp: $(VENV)/.run-stamp
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

run: setup
	$(BIN)/verbind-bot serve

test: $(VENV)/.dev-stamp
	$(BIN)/python -m pytest

test-llm: $(VENV)/.dev-stamp
	@if $(PIP) install --quiet --only-binary xllamacpp --constraint constraints.txt --editable '.[dev,test-llm]'; then \
	  $(BIN)/python -m pytest -m llm tests/llm; \
	else \
	  echo "make test-llm is overgeslagen: het pakket xllamacpp heeft geen wheel voor dit systeem (zie hierboven)."; \
	fi

fast: $(VENV)/.dev-stamp
	$(BIN)/python -m pytest -m 'not model'

lint: $(VENV)/.dev-stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev-stamp
	$(BIN)/mypy

contract: $(VENV)/.dev-stamp
	$(BIN)/lint-imports

bench: $(VENV)/.dev-stamp
	$(BIN)/python -m pytest tests/bench --benchmark-enable --benchmark-only -s

bench-scale: $(VENV)/.dev-stamp
	$(BIN)/python -m tests.bench.scale

bench-load: $(VENV)/.dev-stamp
	$(BIN)/python -m tests.bench.load

eval: $(VENV)/.dev-stamp
	$(BIN)/verbind-bot eval --check

clean:
	rm -rf $(VENV) .data dist build
