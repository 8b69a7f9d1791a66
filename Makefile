# Everything a person types. Each target works on a machine that has only Python (3.11 or later), git, make and apt.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PY := .venv/bin/python
PORT ?= 8000
export PORT

.PHONY: help run test test-sqlite test-postgres test-e2e check format bench drill sbom advisories coverage screenshots lock

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/make \1\t\2/p' Makefile | expand -t 22

run: .venv/run.stamp ## the product with sample data on http://127.0.0.1:8000 (PORT= to change); keeps the data
	@scripts/run

test: .venv/dev.stamp ## every test: SQLite, PostgreSQL, browser
	@scripts/test sqlite postgres e2e

test-sqlite: .venv/dev.stamp ## unit and view tests on SQLite
	@scripts/test sqlite

test-postgres: .venv/dev.stamp ## the same on a PostgreSQL of its own
	@scripts/test postgres

test-e2e: .venv/dev.stamp ## browser tests in Chromium
	@scripts/test e2e

check: .venv/dev.stamp ## lint, types, migrations, links, licences, no outside URL: seconds
	@$(PY) -m scripts.check

format: .venv/dev.stamp ## lay the code out as `make check` wants it
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: .venv/dev.stamp ## the figures of speed (SHORT=1: less of each)
	@scripts/system postgres || true
	@$(PY) -m bench $(if $(SHORT),--short)

drill: .venv/dev.stamp ## the figures of trust: rights, records, sign-in, server, logs, supply (SHORT=1: less of each)
	@scripts/system postgres nginx || true
	@$(PY) -m tests.drills $(if $(SHORT),--short)

sbom: .venv/dev.stamp ## the list of parts (CycloneDX) in var/sbom.cdx.json, held against what is installed and locked
	@$(PY) -m scripts.supply.sbom

advisories: .venv/dev.stamp ## known vulnerabilities of what is locked; asks outside, red where it could not (ADVISORIES= whom)
	@$(PY) -m scripts.supply.advisories

coverage: .venv/dev.stamp ## branch coverage of the unit tests on SQLite, as a table and in var/coverage/html
	@$(PY) -m pytest -q -n 2 --cov --cov-report=term --cov-report=html

screenshots: .venv/dev.stamp ## the pictures of the README and the manual, taken anew
	@scripts/system chromium fonts || true
	@$(PY) -m scripts.screenshots

lock: ## requirements/*.txt anew from pyproject.toml
	@scripts/lock

# Done again whenever a lock is newer than what was installed from it.
# With what makes PDF where the libraries of the system are there or can be had; without, people print from the browser.
.venv/run.stamp: requirements/base.txt requirements/pdf.txt scripts/venv scripts/system
	@if scripts/system weasyprint fonts; then scripts/venv requirements/pdf.txt; else scripts/venv requirements/base.txt; fi
	@touch $@

.venv/dev.stamp: requirements/dev.txt scripts/venv
	@scripts/venv requirements/dev.txt
	@touch $@
