# `make serve` runs the server and `make test` the tests; both install what they need into .venv first. `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin
HOST := 127.0.0.1
PORT := 8000

# The first Python on the path that is new enough. Another one: make PYTHON=/path/to/python3.12
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# One process more than processors: some tests wait for a server or a browser, and each process costs a start of its own.
PYTEST_OPTIONS ?= --numprocesses $(shell echo $$(($$(nproc) + 1))) --dist loadgroup

# The tests start many processes: each would compile the sources again where the environment forbids to keep that.
test soak engines: export PYTHONDONTWRITEBYTECODE :=

# Empty files that say what .venv holds: a lock file newer than them is installed again.
RUNTIME := $(VENV)/installed-runtime
DEVELOPMENT := $(VENV)/installed-development

.PHONY: help serve build test soak engines check format lint types imports generated bench screenshots workbench lock clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

serve: $(RUNTIME) ## build if needed, then serve on http://127.0.0.1:8000 (HOST=… PORT=… for another address)
	$(BIN)/kb serve --host $(HOST) --port $(PORT)

build: $(RUNTIME) ## load, reason, validate, write the store and the dumps
	$(BIN)/kb build

test: $(DEVELOPMENT) ## run all tests
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

soak: $(DEVELOPMENT) ## ten minutes: the hostile corpus twice, all clients together for five minutes, all generated examples
	$(BIN)/python -m pytest --thorough -s tests/hostile
	$(BIN)/python -m pytest --thorough $(PYTEST_OPTIONS) -m "hypothesis or thorough"

engines: $(DEVELOPMENT) ## run the tests on other engines: Oxigraph's server, Virtuoso, Jena
	$(BIN)/python -m pytest --engines -s tests/engines

check: format lint types imports generated test ## everything that CI does

format: $(DEVELOPMENT) ## is the code formatted? (mend: .venv/bin/ruff format)
	$(BIN)/ruff format --check

lint: $(DEVELOPMENT) ## is the code free of lint?
	$(BIN)/ruff check

types: $(DEVELOPMENT) ## do the types hold, strictly?
	$(BIN)/mypy

imports: $(DEVELOPMENT) ## do imports go one way only?
	$(BIN)/lint-imports --no-logo

generated: $(DEVELOPMENT) ## are the Turtle files canonical and the generated files current? (mend: kb fmt, kb index)
	$(BIN)/kb fmt --check
	$(BIN)/kb index --check

bench: $(DEVELOPMENT) ## compare the endpoint with other systems, a minute or two (docs/benchmarks.md)
	$(BIN)/python tests/benchmarks/endpoint.py --quick

workbench: ## build the script of the SPARQL page from server/workbench; needs Node.js 18 or newer and npm
	rm -rf build/workbench && mkdir -p build && cp -R server/workbench build/workbench
	cd build/workbench && npm ci --ignore-scripts --no-audit --no-fund && npm run check && npm run build -- $(CURDIR)/server/static/workbench

screenshots: $(DEVELOPMENT) ## take pictures of each kind of page into build/screenshots: wide, narrow, dark
	$(BIN)/python tests/browser/screenshots.py

lock: $(DEVELOPMENT) ## write the lock files from pyproject.toml (newest versions: make lock UPGRADE=--upgrade)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE) \
		--extra build --output-file requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE) \
		--extra build --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

clean: ## remove what was built and installed
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache
	find kb server tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked dependencies into $(VENV) ..."
	@$(PIP) install --quiet --require-hashes --requirement requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	@echo "Installing the locked development tools into $(VENV) ..."
	@$(PIP) install --quiet --require-hashes --requirement requirements-dev.txt
	@touch $@

$(BIN)/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; there is $$(python3 --version 2>/dev/null || echo no python3)." >&2; \
		echo "Install one, or name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@"$(PYTHON)" -m venv --clear $(VENV)
