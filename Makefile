# Two commands do everything on a machine with Python 3.11 or later: `make run`, `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
AUDIT := .venv-audit
SCAN := .venv-scan
NODE_TOOLS := tools/node/node_modules/.ready
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
# It tells nobody of a run, and asks nobody for rules or for a newer version.
SEMGREP := SEMGREP_SETTINGS_FILE=$(AUDIT)/settings.yml $(AUDIT)/bin/semgrep scan --metrics off --disable-version-check
COV ?=
TESTS ?= tests
# One process more than processors, because some tests mostly wait. Each begins with a stretch of the
# tests, so that those that share a server meet in one process, and takes from others at the end.
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
PARALLEL = -n $(shell $(PYTHON) -c 'import os; print(1 + ($(PROCESSORS)))') --dist worksteal
# Most of those wait for browsers and servers. A file's tests stay together: most of them share a server.
SYSTEM_PARALLEL = -n 4 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run test test-all test-fast test-system test-sdk test-last-release stairs races \
	bench-enumeration bench-slow-clients bench-sizes bench-heaviest bench-imports bench-plans bench bench-quick \
	scan rollout cluster faults faults-quick soak contract check format lint types arch dead audit vulnerabilities sbom dist \
	measure docs-fresh docs openapi-fresh openapi settings-fresh settings sdk contract-changes \
	release migrate docker lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

run: $(VENV)/.run ## Serve the API on SQLite with seed data (PORT=5001: on another port)
	@$(BIN)/userapi db upgrade 2>&1
	@$(BIN)/userapi keys generate --if-needed
	@$(BIN)/userapi seed-db --if-empty
	@echo "Log in as admin@example.com / admin123, moderator@example.com / moderator123"
	@echo "or user1@example.com / password123. Mails stay here: see /docs/mail."
	@exec $(BIN)/userapi serve

test: $(VENV)/.dev ## Run all tests on SQLite and PostgreSQL (COV=term, COV=html: measure their branch coverage)
ifeq ($(COV),)
	@$(BIN)/pytest $(TESTS) -m "not system" $(PARALLEL)
else
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(TESTS) -m "not system" $(PARALLEL)
	@$(BIN)/coverage combine --quiet
	@if [ "$(COV)" = html ]; then $(BIN)/coverage html --quiet --fail-under=0 && echo "Coverage report: htmlcov/index.html"; fi
	@$(BIN)/coverage report
endif

test-fast: $(VENV)/.dev ## Run the tests on SQLite only
	@$(BIN)/pytest $(TESTS) -m "not system" -k "not postgresql" $(PARALLEL)

test-system: $(VENV)/.system $(AUDIT)/.ready $(NODE_TOOLS) ## Run what `make test` leaves: needs Chromium, Node.js, Java, nginx, haproxy, PgBouncer, PostgreSQL with pg_trgm, an image builder
	@$(BIN)/pytest $(TESTS) -m system $(SYSTEM_PARALLEL)

test-sdk: $(VENV)/.system $(NODE_TOOLS) ## Generate the clients, check their types, and run docs/sdk.md with them
	@$(BIN)/pytest tests/sdk -m system

test-last-release: $(VENV)/.dev ## Run the last release's end-to-end tests on today's tables (needs the whole history)
	@tools/test-last-release $(PYTHON)

stairs: $(VENV)/.dev ## Go up, down and up with 100,000 users (USERS=1000000: with more)
	@USERAPI_USERS=$(or $(USERS),100000) $(BIN)/pytest tests/migrations/test_stairs.py

races: $(VENV)/.dev ## Run the race tests at their full counts
	@USERAPI_RACE_ROUNDS=50 USERAPI_RACE_PROCESSES=4 $(BIN)/pytest $(TESTS) -m race

bench-enumeration: $(VENV)/.dev ## Measure whether the time of an answer tells of an account (ARGS="--flow register")
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.enumeration $(ARGS)

bench-slow-clients: $(VENV)/.dev ## Measure what slow clients take from others (ARGS="--seconds 10 --database postgresql")
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.slow_clients $(ARGS)

bench-sizes: $(VENV)/.dev ## Measure how many processes and threads serve best (ARGS="--rounds 5")
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.server_sizes $(ARGS)

bench-heaviest: $(VENV)/.dev ## Measure the heaviest answer that one request can cause
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.heaviest_answer

bench-imports: $(VENV)/.dev ## Measure importing and exporting users beside psql's copy (ARGS="--rows 1000000")
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.imports $(ARGS)

bench-plans: $(VENV)/.dev ## Look whether each list finds its rows by an index (ARGS="--users 1000000")
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.plans $(ARGS)

bench: $(VENV)/.dev $(BENCH)/.ready ## Measure the service beside others, and write docs/performance.md (ARGS="--users 1000 --only me")
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.speed --python $(abspath $(BENCH))/bin/python $(ARGS)

bench-quick: $(VENV)/.dev $(BENCH)/.ready ## The same in two minutes: few users, few rounds
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.speed --python $(abspath $(BENCH))/bin/python --quick $(ARGS)

scan: $(VENV)/.dev $(SCAN)/.ready ## Have sqlmap, wapiti, slowhttptest and hydra attack the service (ARGS="--only hydra")
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.scans --programs $(abspath $(SCAN))/bin $(ARGS)

rollout: $(VENV)/.dev ## Roll this version out beside the last release, and back, under load, and write docs/upgrading.md (ARGS="--dry")
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.rollout $(ARGS)

cluster: $(VENV)/.dev ## Run PgBouncer, Patroni, a replica and Redis below several servers, break each, and write docs/scaling.md (ARGS="--only C5 --dry")
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.cluster $(ARGS)

faults: $(VENV)/.dev ## Break things under load, within an hour, and write docs/reliability.md (ARGS="--only F6 --resume")
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.faults $(ARGS)

faults-quick: $(VENV)/.dev ## A few of these cases in short; times are told, and decide nothing
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.faults --quick $(ARGS)

soak: $(VENV)/.dev ## Look for leaks under load and faults, 30 minutes on each database (ARGS="--database sqlite")
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.faults --soak $(ARGS)

contract: $(VENV)/.dev ## Fuzz the contract (CASES=100000 in all; SEED=7: the same run again)
	@$(BIN)/python tools/fuzz-contract $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED))

check: lint types arch dead audit measure docs-fresh openapi-fresh settings-fresh test ## Run every check, then the tests

test-all: ## Run every check and all tests, those of `make test-system` too: what `.ci/run` runs
	@$(MAKE) --no-print-directory check COV=term
	@$(MAKE) --no-print-directory test-system
	@$(MAKE) --no-print-directory test-last-release

format: $(VENV)/.dev ## Mend format and style
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

lint: $(VENV)/.dev ## Check format and style
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(VENV)/.dev ## Check types
	@$(BIN)/mypy

arch: $(VENV)/.dev ## Check who imports whom
	@$(BIN)/lint-imports

dead: $(VENV)/.dev ## Look for dead code and for unused or undeclared dependencies
	@$(BIN)/vulture
	@$(BIN)/deptry src

audit: $(AUDIT)/.ready ## Look for insecure code with bandit, and with semgrep by rules of our own
	@$(AUDIT)/bin/bandit --quiet --recursive --severity-level medium --configfile pyproject.toml src examples/notes/src
	@$(SEMGREP) --quiet --error --config tools/semgrep/rules.yaml src examples/notes/src
	@$(SEMGREP) --test tools/semgrep >$(AUDIT)/rules.log 2>&1 || { cat $(AUDIT)/rules.log; exit 1; }

vulnerabilities: $(AUDIT)/.ready ## Ask PyPI whether flaws of the dependencies are known
	@$(AUDIT)/bin/pip-audit --strict --require-hashes --disable-pip -r requirements/run.txt

sbom: $(VENV)/.run $(AUDIT)/.ready ## Write what the product is made of into build/sbom.json (CycloneDX)
	@$(BIN)/python tools/write-sbom --generator $(AUDIT)/bin/cyclonedx-py build/sbom.json

dist: $(VENV)/.run ## Build the wheel and the source distribution into dist/, the same bytes from the same commit
	@rm -rf dist
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m hatchling build -d dist

measure: $(VENV)/.dev ## Measure functions and files, and how many files two requests enter
	@$(BIN)/python tools/measure-code

docs: $(VENV)/.run ## Write docs/commands.md anew
	@$(BIN)/python tools/write-commands

docs-fresh: $(VENV)/.run ## Check that docs/commands.md tells what the commands tell
	@$(BIN)/python tools/write-commands --check

openapi: $(VENV)/.run ## Write openapi/openapi.json and the table in docs/permissions.md anew
	@$(BIN)/userapi openapi write openapi/openapi.json
	@$(BIN)/python tools/write-permissions

openapi-fresh: $(VENV)/.run ## Check that openapi/openapi.json is what the code generates
	@$(BIN)/userapi openapi print | diff -u openapi/openapi.json - \
		|| { echo "openapi/openapi.json is stale: run make openapi"; exit 1; }

settings: $(VENV)/.run ## Write .env.example, docs/configuration.md and deploy/compose.yaml from the settings
	@$(BIN)/python tools/write-settings

settings-fresh: $(VENV)/.run ## Check that these three are what the settings generate
	@$(BIN)/python tools/write-settings --check

sdk: $(VENV)/.system $(NODE_TOOLS) ## Generate the Python and the TypeScript client into build/sdk/
	@tools/generate-sdk

contract-changes: $(VENV)/.run $(NODE_TOOLS) ## Tell how the contract differs from that of the last release
	@$(BIN)/python tools/contract-changes

release: $(VENV)/.run $(NODE_TOOLS) ## Make VERSION=1.2.3 the released contract
	@$(BIN)/python tools/release $(VERSION)

migrate: $(VENV)/.run ## Migrate the database of the current settings
	@$(BIN)/userapi db upgrade

docker: ## Build the container image with docker, podman or buildah
	@tools/build-image

lock: ## Renew the lock files in requirements/ (needs uv)
	@tools/lock

clean: ## Remove everything that was made, but not the data in instance/
	rm -rf $(VENV) $(BENCH) $(SCAN) $(AUDIT) tools/node/node_modules build dist htmlcov .coverage* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@tools/make-venv $(PYTHON) $(VENV)

$(BENCH)/.ready $(SCAN)/.ready $(AUDIT)/.ready: .venv-%/.ready: requirements/%.txt
	@test -x .venv-$*/bin/python || tools/make-venv $(PYTHON) .venv-$*
	@echo "Installing requirements/$*.txt"
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements/$*.txt
	@touch $@

$(NODE_TOOLS): tools/node/package-lock.json
	@tools/install-node-tools

$(VENV)/.%: requirements/%.txt pyproject.toml | $(BIN)/python
	@echo "Installing requirements/$*.txt"
	@$(INSTALL) --require-hashes -r requirements/$*.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
