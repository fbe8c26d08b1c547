# The two commands: make run, make test. All else is a part of them or beside them.
PYTHON ?= python3
UV_VERSION := 0.13.9
KUSTOMIZE_VERSION := v5.8.0
KUBE_SCORE_VERSION := v1.20.0
BIN := .venv/bin
# Tests mostly wait for servers, so that three processes use two cores well.
BESIDE := -n 3 --dist loadscope --no-loadscope-reorder
UV := UV_PROJECT_ENVIRONMENT=.venv $(BIN)/uv
OFFLINE := packages could not be fetched: the first run needs the network (PyPI), later ones do not
# Megabytes that come from PyPI into an empty .venv: to run, and to test as well.
RUN_MB := 130
TEST_MB := 310
START := $(shell date +%s)

WRITABLE := { test ! -e .venv && test -w .; } || test -w .venv || { echo "this user may not write" \
  "in $(CURDIR), where .venv is made: clone Baton into a folder of your own" >&2; exit 1; }

# $(1): a Go module with a command, compiled into .venv (a minute for kube-score, the first time).
define go_install
{ echo "  $(1) is compiled by go install."; GOBIN="$(CURDIR)/$(BIN)" go install $(1) 2>.venv/go.log || \
  echo "$(1) could not be installed: its checks are skipped; the reason stands in .venv/go.log"; }
endef

# $(1): what to install; $(2): megabytes. Quiet when nothing is to be done; else uv shows its progress
# on a terminal, and leaves what it says in .venv/uv.log without one.
define sync
$(UV) sync --frozen $(1) --check -qq 2>/dev/null || { \
  $(WRITABLE); echo "  Packages are fetched as far as they are missing: up to $(2) MB."; \
  if test -t 2; then $(UV) sync --frozen $(1); else $(UV) sync --frozen $(1) 2>.venv/uv.log; fi || \
  { echo "$(OFFLINE); the reason stands above or in .venv/uv.log" >&2; exit 1; }; }
endef

# Dozens of processes start here: each would compile all it imports, half of its start's time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-long check generated deploy-check deploy-tools deploy-admission image-check bench bench-rolling \
  bench-ingest browser clean python packages

help: ## What there is to make.
	@grep -E '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 14

# The seconds that tools and packages took are handed to baton, whose first line shows them.
run: python $(BIN)/uv ## Bring all up in front of this terminal and show a lead's walk; Ctrl-C stops it.
	@tools=$$(date +%s); \
	$(call sync,--no-dev --inexact,$(RUN_MB)); \
	now=$$(date +%s); \
	BATON_STEPS="tools $$((tools - $(START))) s, packages $$((now - tools)) s" exec $(BIN)/baton up

# Tools of deployment are compiled while the checks run.
test: packages ## Check, then run all tests but the long ones.
	@$(MAKE) --no-print-directory -j2 deploy-tools check
	$(BIN)/pytest -m "not long" $(BESIDE)

test-long: packages ## Run the long tests, and the properties on many more examples.
	BATON_HYPOTHESIS=thorough $(BIN)/pytest tests/unit --timeout=1800
	$(BIN)/pytest -m long --timeout=1800

check: packages generated ## Format, lint, types, imports, generated files.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

generated: packages
	$(BIN)/python -m contracts.generate --check
	@$(BIN)/python -m chassis.http.problem | cmp -s docs/errors.md - || \
	  { echo "docs/errors.md is not current: run $(BIN)/python -m chassis.http.problem > docs/errors.md" >&2; \
	    exit 1; }

deploy-check: packages deploy-tools ## Do the manifests say what the code is? Each check is checked, too.
	$(BIN)/python -m deploy.checks
	$(BIN)/pytest tests/deploy -m "not long" $(BESIDE)

deploy-admission: packages deploy-tools ## Have a real API server judge them: compiled first, ten minutes.
	$(BIN)/python -m deploy.admission

# Without Go, or without its registry, what needs them is skipped and says so.
deploy-tools: packages
	@command -v kubectl >/dev/null || command -v kustomize >/dev/null || test -x $(BIN)/kustomize || \
	  $(call go_install,sigs.k8s.io/kustomize/kustomize/v5@$(KUSTOMIZE_VERSION))
	@test -x $(BIN)/kube-score || \
	  $(call go_install,github.com/zegl/kube-score/cmd/kube-score@$(KUBE_SCORE_VERSION))

bench: packages ## Measure latency, throughput and the floor; prints a table.
	$(BIN)/python -m bench

bench-rolling: packages ## Measure how long a lead waits while a service is restarted.
	$(BIN)/python -m bench.rolling

bench-ingest: packages ## Measure ingest on one core, and honest senders beside slow connections.
	$(BIN)/python -m bench.ingest

browser: ## Install Chromium for the browser tests (Debian, Ubuntu); without it they are skipped.
	@test -x /usr/bin/chromium || { apt-get update -qq && apt-get install -y --no-install-recommends chromium; } || \
	  { echo "Chromium could not be installed: run as root, or install it as /usr/bin/chromium" >&2; exit 1; }

image-check: packages ## Build the image of SERVICE (scoring) without Docker, start it confined (root, Debian).
	@command -v buildah >/dev/null && command -v mmdebstrap >/dev/null || \
	  { apt-get update -qq && apt-get install -y --no-install-recommends buildah mmdebstrap; } || \
	  { echo "buildah and mmdebstrap could not be installed: run as root, on Debian" >&2; exit 1; }
	$(BIN)/python -m deploy.docker.check $(or $(SERVICE),scoring)

clean: ## Stop all and remove data, environment and caches.
	@test ! -x $(BIN)/baton || $(BIN)/baton down --remove
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

packages: python $(BIN)/uv
	@$(call sync,,$(TEST_MB))

python:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "$(PYTHON) was not found: install Python 3.11 or newer" >&2; exit 1; }
	@$(PYTHON) 2>/dev/null -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || \
	  { echo "$(PYTHON) is no Python 3.11 to 3.14, which Baton needs; with another one on this" \
	    "machine: make PYTHON=python3.12 run" >&2; exit 1; }

$(BIN)/uv:
	@$(WRITABLE)
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || \
	  { echo "$(PYTHON) cannot make .venv: install its venv package (python3-venv)" >&2; exit 1; }
	@echo "  The first start fetches about $(RUN_MB) MB of packages and 44 MB of Kafka (tests: $(TEST_MB) MB" \
	  "of packages); later ones fetch nothing."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --retries 3 \
	  uv==$(UV_VERSION) >.venv/pip.log 2>&1 || \
	  { echo "$(OFFLINE); the reason stands in .venv/pip.log" >&2; exit 1; }
