# The two commands are `make run` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
INSTANCE := $(or $(YKT_INSTANCE),instance)
# Errors for people: their first argument is a text of the catalogue.
ERRORS := UserError PermissionDenied Conflict
CATALOGUES := $(wildcard translations/*/LC_MESSAGES/messages.po)

export FLASK_APP := app:create_app
export YKT_INSTANCE := $(INSTANCE)
export YKT_BASE_URL ?= http://localhost:$(PORT)
export PORT

.PHONY: help
help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

.PHONY: run
run: $(VENV)/.run-ready translations ## open a demo county on PORT (default 8000), both doors, web and worker
	@$(BIN)/flask db upgrade
	@$(BIN)/flask demo load --if-empty
	@$(BIN)/flask demo show
	@$(BIN)/honcho start --no-prefix

.PHONY: test
test: $(VENV)/.test-ready translations browser font ## everything, on SQLite and PostgreSQL, and in a real browser
	@$(BIN)/pytest -n $(or $(WORKERS),2) --dist worksteal --hypothesis-profile=ci

.PHONY: explore
explore: $(VENV)/.test-ready translations ## the property tests alone, with examples that nobody has tried yet
	@$(BIN)/pytest -n $(or $(WORKERS),2) --dist worksteal -m hypothesis

.PHONY: lint
lint: $(VENV)/.test-ready ## style, types, templates, and the order of the rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/djlint --quiet --lint templates
	@$(BIN)/lint-imports

.PHONY: bench
bench: $(VENV)/.test-ready translations ## measure against the budgets (ONLY=name, DB=sqlite|postgresql)
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(DB),--database $(DB))

.PHONY: scan
scan: .venv-scan/.ready translations ## scanners against a running demo county, both doors (SECONDS_EACH=300)
	@$(BIN)/python -m scan --seconds $(or $(SECONDS_EACH),300)

.venv-scan/.ready: requirements-scan.txt $(VENV)/.run-ready
	@$(PYTHON) -m venv .venv-scan
	@.venv-scan/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-scan.txt
	@touch $@

.PHONY: mutants
mutants: $(VENV)/.test-ready ## change the rules about money, days and complaints one by one, and list what no test notices
	@rm -rf mutants
	@$(BIN)/mutmut run > /dev/null
	@$(BIN)/mutmut results

.PHONY: translations
translations: $(VENV)/.run-ready $(CATALOGUES:.po=.mo)

%.mo: %.po $(VENV)/.run-ready
	@$(BIN)/pybabel -q compile -i $< -o $@

.PHONY: catalogue
catalogue: $(VENV)/.run-ready ## collect new texts from the code into the catalogues
	@mkdir -p $(INSTANCE)
	@$(BIN)/pybabel -q extract -F babel.cfg -k lazy_gettext -k _l -k N_ $(ERRORS:%=-k %) --no-location --sort-output --omit-header -o $(INSTANCE)/messages.pot .
	@for language in $$(ls translations); do $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete -l $$language -i $(INSTANCE)/messages.pot -d translations; done

.PHONY: requirements
requirements: $(VENV)/.test-ready ## pin the newest versions, with hashes
	@for name in requirements requirements-dev; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade $$name.in -o $$name.txt; done

.PHONY: browser
browser: $(VENV)/.test-ready # the system's Chromium; else Debian's, as root; else playwright's own
	@if command -v chromium >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-wqy-microhei >/dev/null; \
	else $(BIN)/playwright install chromium; fi

.PHONY: font
font: $(VENV)/.run-ready # that prints are set in as PDF; without one the pages offer the browser's print view alone
	@if $(BIN)/python -c 'import sys; from publicity.prints import fonts; sys.exit(fonts.find() is None)'; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq fonts-wqy-microhei >/dev/null; \
	else echo "No font for Chinese PDF here: install fonts-wqy-microhei, or the tests of prints fail."; fi

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the product runs on …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.test-ready: requirements-dev.txt $(VENV)/.run-ready
	@echo "Installing what building and testing need …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: clean
clean: ## remove the virtual environment and the demo county
	rm -rf $(VENV) .venv-scan $(INSTANCE) mutants
