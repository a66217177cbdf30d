# Every target sets up what it needs first; deploy/setup says how and does nothing the second time.
.PHONY: help run test lint bench bench-full audit clean lock
PORT ?= 8000
SPREAD = --numprocesses auto --dist loadfile
# Bytecode is kept: tests start some two hundred processes, each of which would compile the project anew.
PYTEST = env -u PYTHONDONTWRITEBYTECODE .venv/bin/pytest
export PYTHON

help:
	@echo "make run     set up and serve the demo state on http://localhost:$(PORT)"
	@echo "make test    lint, types, import contracts and all tests; those of the store also on the older PostgreSQL"
	@echo "make lint    the first three alone"
	@echo "make bench   measure beside peers; ratios are printed, targets are gates; bench-full: at a million users"
	@echo "make audit   ask whether a locked dependency has a known weakness"
	@echo "make lock    resolve requirements/ again; UPGRADE=1 takes the newest versions"
	@echo "make clean   remove what set-up and tests made; databases and keys stay"

run:
	@sh deploy/setup run
	@exec .venv/bin/hallpass serve --demo --port "$(PORT)"

test: lint
	@$(PYTEST) $(SPREAD) $(ARGS)
	@$(if $(ARGS),,HALLPASS_TEST_POSTGRES=16 $(PYTEST) $(SPREAD) tests/store tests/migrations)

lint:
	@sh deploy/setup test
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/pyright
	@.venv/bin/lint-imports --no-logo

bench:
	@sh deploy/setup test
	@.venv/bin/python -m bench $(ARGS)

bench-full:
	@$(MAKE) --no-print-directory bench ARGS="--users 1000,1000000 $(ARGS)"

audit:
	@sh deploy/setup test
	@.venv/bin/python deploy/audit.py

lock:
	@sh deploy/setup run
	@sh deploy/lock $(if $(UPGRADE),--upgrade)

clean:
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf tests/node/node_modules bench/peers bench/results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
