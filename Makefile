# Two commands matter: `make run` and `make test`. Both work on a machine with only Python 3.11, make and git.
# PORT= and DATA_DIR= (database, media, secret) move what `make run` uses; PYTHON= names an interpreter; ARGS= goes to the command.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { echo "$$p"; break; }; done)
START = @command -v "$(PYTHON)" >/dev/null || { echo "Smart Academy needs Python 3.11, 3.12 or 3.13, and none was found: install one, or say PYTHON=/path/to/python3.11." >&2; exit 1; }; \
	exec "$(PYTHON)" academy/start.py

.PHONY: run test lint format messages audit bench screenshots
.DEFAULT_GOAL := run

run: ## environment, database, starter content, demo data, then serve
	$(START) run

test: ## environment, then every test; browser tests skip where there is no Chromium
	$(START) test $(ARGS)

lint: ## ruff, on the code and on its form
	$(START) tool ruff check . .ci/smoke
	$(START) tool ruff format --check . .ci/smoke

format: ## put the code into the form that lint asks for
	$(START) tool ruff check --fix . .ci/smoke
	$(START) tool ruff format . .ci/smoke

messages: ## extract the words to translate and compile them (needs gettext); fails when one is missing or fuzzy
	$(START) manage translations

audit: ## known weaknesses of the packages (needs the network)
	$(START) audit

bench: ## CPU per request against a bare Django view, both under the production server
	$(START) bench $(ARGS)

screenshots: ## the picture of the README (needs Chromium)
	$(START) screenshots $(ARGS)
