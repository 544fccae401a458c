# The verbs of this project: for people and for CI alike. Needs Python 3.11 or newer, pip and make.

PYTHON ?= python3
WORKERS ?= 4
ARGS ?=
SECRETS ?= var/secrets

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := $(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header

# Programs that tests start would be compiled again each time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo up test laws peers determinism lint fuzz bench audit lock secrets clean

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed ## put the program and all it needs into .venv

demo: .venv/.installed ## play the shipped example: a whole review in a minute, nothing leaves this machine
	@$(BIN)/rapid-review demo

up: .venv/.installed ## run everything on this machine, keeping its records in var/
	@$(BIN)/rapid-review up

test: .venv/.installed-dev ## run every test (make test WORKERS=2, make test ARGS=tests/domain)
	@$(BIN)/pytest --numprocesses $(WORKERS) --maxschedchunk 40 --ignore tests/peers $(ARGS)

laws: .venv/.installed-dev ## try every law on twelve times as many made-up examples as make test does
	@$(BIN)/pytest --numprocesses $(WORKERS) --hypothesis-profile every-example -m hypothesis \
		tests/domain tests/postbox tests/starter/hooks tests/vault $(ARGS)

peers: .venv/.installed-dev ## try real mail servers: needs root, and Debian's postfix, dovecot-imapd, dovecot-lmtpd
	@$(BIN)/pytest tests/peers $(ARGS)

determinism: .venv/.installed-dev ## play every workflow again from its history at each of its tasks
	@$(BIN)/pytest --numprocesses $(WORKERS) --no-workflow-cache tests/workflows $(ARGS)

lint: .venv/.installed-dev ## check style, types, who imports whom, dependencies and deployment files
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/yamllint --strict .
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

fuzz: .venv/.installed-dev ## send a hundred thousand mails, and web hooks, gone wrong (make fuzz ARGS=1000)
	@$(BIN)/python -m tests.postbox.fuzz $(ARGS)
	@$(BIN)/python -m tests.starter.hooks.fuzz $(ARGS)

bench: .venv/.installed-dev ## measure how many reviews this machine carries
	@$(BIN)/python -m bench $(ARGS)

audit: .venv/.installed-dev ## ask the public list of vulnerabilities about our packages (needs the internet)
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

lock: .venv/.installed-dev ## choose package versions anew (make lock ARGS=--upgrade), with their hashes
	printf 'editables\nhatchling\n' | $(COMPILE) pyproject.toml - $(ARGS) --output-file requirements.lock
	$(COMPILE) pyproject.toml --group dev --constraint requirements.lock $(ARGS) --output-file requirements-dev.lock

secrets: .venv/.installed ## make what is secret for docker compose, once: password, key ring, hook sources
	@umask 077 && mkdir -p $(SECRETS)/imap && mkdir -p var/office
	@umask 077 && test -s $(SECRETS)/database-password || \
		$(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(32), end="")' > $(SECRETS)/database-password
	@$(BIN)/python -c 'import pathlib, sys; from vault.keys import KeyRing; KeyRing.create(pathlib.Path(sys.argv[1]))' \
		$(SECRETS)/keyring.json
	@umask 077 && touch $(SECRETS)/hooks.toml
	@test "$$(id -u)" = 1000 || chown -R 1000:1000 $(SECRETS) var/office || \
		echo "The containers run as user 1000. As root: chown -R 1000:1000 $(SECRETS) var/office" >&2
	@echo "$(SECRETS) holds database-password, keyring.json and hooks.toml. Copy the key ring somewhere safe now."

clean: ## remove what was installed and cached; var/ and its records stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
		"Rapid Review needs Python 3.11 or newer. Name one: make PYTHON=python3.12 ...")'
	@echo "Making .venv"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Python could not make .venv. On Debian: apt-get install python3-venv" >&2; exit 1; }

.venv/.installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the program needs (once, about a minute)"
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	@echo "Installing what the tests need (once)"
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@
