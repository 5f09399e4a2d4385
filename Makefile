.DEFAULT_GOAL := help
.PHONY: help run setup test drill check lint format bench load spec lock
MAKEFLAGS += --no-print-directory
in := .venv/bin/python -m

help:   ## this list
	@sed -n 's/^\([a-z]*\): .*## /  make \1\t/p' Makefile | expand -t 16

run:    ## installs what is missing and runs SDES; Ctrl-C stops it (PORT, SDES_HOME, SDES_DEMO_PASSWORD)
	@sh .ci/setup run && exec $(in) sdes run

setup:  ## installs what running and testing need, and nothing else
	@sh .ci/setup tests

test:   setup ## the whole suite from nothing (ARGS=tests/sdep for a part)
	@$(in) pytest -n auto --dist loadfile -m "not drill" $(ARGS)

drill:  setup ## what takes longer: faults, several machines, backup and restore, fuzz (ARGS=tests/faults for a part)
	@$(in) pytest -n auto --dist loadfile -m drill -rs $(ARGS)

check:  lint test ## all that a change must pass: format, lint, types, import rules, tests

lint:   setup
	@$(in) ruff format --check . && $(in) ruff check . && $(in) mypy && .venv/bin/lint-imports

format: setup ## formats the code and mends what can be mended by itself
	@$(in) ruff format . && $(in) ruff check --fix .

bench:  setup ## the measurements; prints tables to paste
	@$(in) bench $(ARGS)

load:   setup ## thousands of people at once (ARGS="--sessions 1600 --communications 20000 --seconds 60" for a small one)
	@$(in) bench.crowd $(ARGS)

spec:   setup ## which paragraphs of the specification are proven
	@$(in) sdes spec

lock:   ## resolves the dependencies anew
	@sh .ci/setup lock
