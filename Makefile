# One environment in .venv; `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
NODES ?= 1
COUNT ?= 10000
PROFILES_ACCESS_LOG ?= summary
LOWEST := .venv/lowest/bin
# What the tests there take beside the service, in the versions that are locked.
LOWEST_TOOLS := anyio|pytest|pytest-timeout|hypothesis|faker|jsonschema-rs|openapi-spec-validator|setuptools
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test test-lowest test-clients test-faults check lint-openapi docs check-links cassandra example sample bench bench-check bench-compare lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/runtime.stamp ## Serve on http://127.0.0.1:8080 from the embedded store
	@$(BIN)/profiles migrate apply --quiet && \
	  PROFILES_ACCESS_LOG=$(PROFILES_ACCESS_LOG) exec $(BIN)/profiles serve

test: check ## Lint, type check and every test, with a real Cassandra
	$(BIN)/pytest

test-lowest: .venv/lowest.stamp ## Run unit tests and the documented example on the lowest versions that setup.cfg allows
	$(LOWEST)/pytest tests/unit --ignore-glob='*/test_benchmark_*' \
	  --deselect tests/unit/test_openapi.py::test_the_document_of_every_definition_is_valid
	$(LOWEST)/pytest 'tests/process/test_serve.py::test_the_documented_example_script_succeeds_twice[embedded]'

test-clients: .venv/test.stamp .venv/clients.stamp ## Try generated clients in seven languages (needs Node.js, Go, Rust, a JDK and Maven)
	$(BIN)/pytest clients

test-faults: .venv/test.stamp ## Break nodes, files and processes under load, and prove that nothing is lost (35 minutes)
	@$(BIN)/python -m tests.faults

check: .venv/test.stamp ## Lint and type check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

lint-openapi: .venv/test.stamp ## Hold the OpenAPI document against redocly's and spectral's rules (needs npx)
	@mkdir -p var && $(BIN)/python -m tests.support.documents > var/openapi.json
	npx --yes @redocly/cli@2.77.0 lint --extends recommended var/openapi.json
	npx --yes @stoplight/spectral-cli@6.16.3 lint --ruleset tests/support/spectral.yaml --fail-severity hint var/openapi.json

docs: .venv/test.stamp ## Build the documentation into build/docs
	@$(BIN)/sphinx-build -W --keep-going -n -q docs build/docs
	@echo "the documentation is in build/docs/index.html"

check-links: .venv/test.stamp ## Ask every outside link of the documentation (needs the network)
	$(BIN)/sphinx-build -n -q -b linkcheck docs build/links

cassandra: .venv/test.stamp ## Start a local Cassandra for hand use (NODES=3 for a cluster)
	@exec $(BIN)/python -m local_cassandra --nodes $(NODES)

example: .venv/runtime.stamp ## Send the documented example to a running service
	@$(BIN)/python examples/documented_example.py

sample: .venv/test.stamp ## Write COUNT realistic profiles to var/sample.ndjson
	@mkdir -p var && $(BIN)/python examples/generate_profiles.py $(COUNT) > var/sample.ndjson
	@echo "wrote $(COUNT) profiles to var/sample.ndjson"

bench: .venv/test.stamp ## Measure both stores, and write benchmarks/report.md (needs wrk, under 20 minutes)
	@$(BIN)/python -m benchmarks --report benchmarks/report.md

bench-check: .venv/test.stamp ## Compare what operations cost with the commit BASE (needs valgrind, or takes CPU time)
	@test -n "$(BASE)" || { echo "Say which commit to compare with: make bench-check BASE=main" >&2; exit 2; }
	@$(BIN)/python -m benchmarks.check $(BASE)

bench-compare: .venv/test.stamp ## Run the service beside that of the commit BASE, and write var/bench/comparison.md (needs wrk, 25 minutes)
	@test -n "$(BASE)" || { echo "Say which commit to compare with: make bench-compare BASE=main" >&2; exit 2; }
	@$(BIN)/python -m benchmarks $(BASE) --report var/bench/comparison.md

lock: .venv/test.stamp ## Resolve the dependencies anew and lock them with hashes
	$(BIN)/uv pip compile --quiet --upgrade setup.cfg requirements/build.in --universal --python-version 3.11 \
	  --generate-hashes --custom-compile-command "make lock" -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --upgrade setup.cfg requirements/build.in --extra test --extra cassandra-local \
	  --extra tracing --extra docs \
	  -c requirements/runtime.txt --universal --python-version 3.11 \
	  --generate-hashes --custom-compile-command "make lock" -o requirements/test.txt
	$(BIN)/uv pip compile --quiet --upgrade setup.cfg requirements/build.in --extra clients \
	  -c requirements/test.txt --universal --python-version 3.11 \
	  --generate-hashes --custom-compile-command "make lock" -o requirements/clients.txt

clean: ## Remove the environment and all caches (the data in var/ stays)
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "Python cannot make an environment: install its venv module (Debian: python3-venv)." >&2; exit 1; }

.venv/lowest.stamp: setup.cfg requirements/test.txt | .venv/test.stamp
	@echo "installing the lowest versions that setup.cfg allows into .venv/lowest"
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/lowest
	@$(BIN)/uv pip compile --quiet --resolution lowest-direct setup.cfg --extra tracing \
	  --python $(BIN)/python -o .venv/lowest.txt
	@$(BIN)/uv pip install --quiet --python $(LOWEST)/python -r .venv/lowest.txt \
	  $$(grep -oE '^($(LOWEST_TOOLS))==[^ ;]+' requirements/test.txt)
	@$(BIN)/uv pip install --quiet --python $(LOWEST)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/%.stamp: requirements/%.txt setup.cfg | .venv/bin/python
	@echo "installing requirements/$*.txt"
	@$(PIP) --require-hashes -r requirements/$*.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@
