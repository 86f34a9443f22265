# greenchain: `make` prints the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MEMBERS := $(patsubst %/pyproject.toml,%,$(wildcard proto/pyproject.toml libs/*/pyproject.toml services/*/pyproject.toml deploy/*/pyproject.toml))
KERNELS := $(wildcard services/*/setup.py services/*/src/*/kernels/*.pyx services/*/src/*/kernels/*.pxd services/*/src/*/kernels/*.h)
CHECKED := build/kernels-checked
SANITIZED := build/kernels-sanitized
PEERS := benchmarks/.venv
LCA_ALGEBRAIC := benchmarks/lca_algebraic/.venv
UV := $(BIN)/uv
# uv does not read pip's configuration; whoever set an index for pip means it for uv too.
INDEX = UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}"

export PYTHON QUICK REQUIRE_ALL

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo up kafka kafka-stop postgres postgres-stop test test-unit test-architecture test-integration test-e2e test-delivery \
	test-kernels-checked test-kernels-sanitized test-random-systems coverage bench validation lint lint-style lint-types lint-imports lint-proto \
	lint-asyncapi lint-deploy lint-tree format proto proto-baseline lock clean

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 } \
		/^## / { printf "\n%s\n", substr($$0, 4) }' $(firstword $(MAKEFILE_LIST))
	@printf '\nPYTHON=python3.12 chooses the interpreter of .venv; REQUIRE_ALL=1 makes a missing part a failure.\n'

# An option of a command, if its variable stands on make's command line: the user's environment may
# have a variable of that name for something else.
given = $(if $(filter command,$(origin $(1))),$(2) $($(1)))

## Use it

setup: $(VENV)/.members ## make .venv with the greenchain command and compiled kernels
	@:

demo: setup ## run the main job on real input and tell what happened; DATABASE=postgres EVENTS=kafka: as processes
	@$(BIN)/greenchain demo $(call given,DATABASE,--database) $(call given,EVENTS,--events)

up: setup ## run the three services in one process
	@$(BIN)/greenchain up

kafka: setup ## fetch and start an Apache Kafka broker on port 9092 (needs Java 17 and Maven)
	@$(BIN)/python -m greenchain_kafka start

kafka-stop: setup ## stop that broker
	@$(BIN)/python -m greenchain_kafka stop

postgres: setup ## start a PostgreSQL server with a database for each service
	@$(BIN)/python -m greenchain_postgres start

postgres-stop: setup ## stop that server
	@$(BIN)/python -m greenchain_postgres stop

## Check it

PYTEST = $(BIN)/python -m pytest

test: setup node_modules ## run all tests; what the machine lacks is named and left out
	$(PYTEST)

test-unit: setup ## run the unit and property tests
	$(PYTEST) -m unit

test-architecture: setup node_modules ## run the tests of imports, contracts and tree
	$(PYTEST) -m architecture

test-integration: setup node_modules ## run the tests with databases, servers and processes
	$(PYTEST) -m integration

test-e2e: setup node_modules ## run the tests of the whole platform
	$(PYTEST) -m e2e

test-delivery: setup ## run the tests that kill processes, broker and database; DELIVERY_TRIALS=1000: for an hour
	$(PYTEST) -m delivery

test-kernels-checked: setup ## build the kernels with bounds checks and run their tests in that build
	rm -rf $(CHECKED)
	mkdir -p $(CHECKED)
	cp -r services/footprint/pyproject.toml services/footprint/setup.py services/footprint/src $(CHECKED)
	find $(CHECKED) -name '*.so' -delete
	cd $(CHECKED) && GREENCHAIN_KERNELS_CHECKED=1 $(CURDIR)/$(BIN)/python setup.py --quiet build_ext --inplace
	@grep -rq RaiseBufferIndexError $(CHECKED)/build || { echo "built without bounds checks" >&2; exit 1; }
	@PYTHONPATH=$(CHECKED)/src $(BIN)/python -c 'import footprint; assert "$(CHECKED)" in footprint.__file__'
	PYTHONPATH=$(CHECKED)/src $(PYTEST) -m kernels services/footprint

test-kernels-sanitized: setup ## build the kernels with sanitizers of addresses and undefined behaviour, run their tests
	rm -rf $(SANITIZED)
	mkdir -p $(SANITIZED)
	cp -r services/footprint/pyproject.toml services/footprint/setup.py services/footprint/src $(SANITIZED)
	find $(SANITIZED) -name '*.so' -delete
	cd $(SANITIZED) && GREENCHAIN_KERNELS_SANITIZED=1 $(CURDIR)/$(BIN)/python setup.py --quiet build_ext --inplace
	@for kernel in $(SANITIZED)/src/footprint/kernels/*.so; do \
		grep -q __asan_report $$kernel || { echo "built without sanitizers: $$kernel" >&2; exit 1; }; done
	@# Python is built without sanitizers, so their libraries are loaded first; what it never frees is no leak of ours.
	LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" ASAN_OPTIONS=detect_leaks=0 \
		PYTHONPATH=$(SANITIZED)/src $(PYTEST) -m kernels services/footprint

test-random-systems: setup ## ours, bw2calc and a refined reference on random systems; RANDOM_SYSTEMS=10000: for half an hour
	@# The threads of OpenBLAS only wait for each other on matrices of these sizes.
	OPENBLAS_NUM_THREADS=1 $(PYTEST) services/footprint/tests/oracles/test_random_systems.py

coverage: setup node_modules ## run all tests and report which lines and branches they reach
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

bench: setup $(PEERS)/.dependencies $(LCA_ALGEBRAIC)/.dependencies ## measure the engine beside its peers; QUICK=1 for five minutes
	@# The threads of OpenBLAS only wait for each other on matrices of these sizes.
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks

validation: setup ## compute docs/validation.md anew: results beside published values
	@# The threads of OpenBLAS only wait for each other on matrices of these sizes.
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tools.validation

lint: lint-style lint-types lint-imports lint-proto lint-asyncapi lint-deploy lint-tree ## run every static check

lint-style: setup ## ruff and codespell
	@# ruff sorts imports by which modules exist; its cache does not see that one has appeared.
	$(BIN)/ruff check --no-cache
	$(BIN)/ruff format --check
	$(BIN)/codespell

lint-types: setup ## mypy --strict
	$(BIN)/mypy

lint-imports: setup ## the layers and allow-lists of pyproject.toml, for Python and Cython
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.cython_imports

lint-proto: setup ## buf lint, buf breaking against the baseline, freshness of the generated code
	$(BIN)/buf lint proto
	$(BIN)/buf breaking proto --against proto/baseline.binpb
	$(BIN)/python -m tools.generate_proto --check

lint-asyncapi: node_modules ## validate proto/asyncapi.yaml with the AsyncAPI parser
	@if command -v node >/dev/null && [ -d node_modules ]; then node tools/validate_asyncapi.mjs proto/asyncapi.yaml; fi

lint-deploy: setup ## the compose file against its schema, the Dockerfile by hadolint
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
	@if [ -x $(BIN)/hadolint ]; then $(BIN)/hadolint deploy/docker/Dockerfile; fi

lint-tree: setup ## what must not be committed: registry hosts, machine paths, unhashed locks
	$(BIN)/python -m tools.check_tree

format: setup ## let ruff format the sources and mend what it can
	$(BIN)/ruff check --no-cache --fix
	$(BIN)/ruff format

## Change it

proto: setup ## generate the Python package greenchain from proto/
	$(BIN)/python -m tools.generate_proto

proto-baseline: setup ## take proto/ as it stands as the baseline that later changes may not break
	$(BIN)/buf build proto --exclude-source-info --output proto/baseline.binpb

lock: $(UV) ## resolve the dependencies anew: the requirements*.lock here, in benchmarks/ and deploy/docker/
	@$(INDEX) $(UV) lock
	@$(UV) export --quiet --frozen --no-header --all-packages --all-groups --no-emit-workspace \
		--format requirements-txt --output-file requirements.lock
	@$(UV) export --quiet --frozen --no-header --only-group bootstrap \
		--format requirements-txt --output-file requirements-uv.lock
	@$(UV) export --quiet --frozen --no-header --package greenchain-cli --no-emit-workspace \
		--format requirements-txt --output-file deploy/docker/requirements.lock
	@$(UV) export --quiet --frozen --no-header --only-group build \
		--format requirements-txt --output-file deploy/docker/requirements-build.lock
	@for peers in benchmarks benchmarks/lca_algebraic; do \
		$(INDEX) $(UV) lock --project $$peers && \
		$(UV) export --project $$peers --quiet --frozen --no-header --no-emit-project \
			--format requirements-txt --output-file $$peers/requirements.lock || exit 1; \
	done

clean: ## remove everything that was built or installed
	@# Not under a server that runs.
	@if [ -d .greenchain ]; then \
		{ $(BIN)/python -m greenchain_kafka stop && $(BIN)/python -m greenchain_postgres stop; } >/dev/null && \
		rm -rf .greenchain || echo "kept .greenchain: its servers could not be stopped" >&2; \
	fi
	rm -rf $(VENV) $(PEERS) $(LCA_ALGEBRAIC) node_modules build services/*/build .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache .coverage
	find proto libs services deploy tests tools benchmarks \( -name __pycache__ -o -name '*.egg-info' \) \
		-prune -exec rm -rf {} +
	find services -name '*.so' -delete

# ------------------------------------------------------------------------------- what is installed

$(UV): requirements-uv.lock
	@tools/check_machine.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing uv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $< || \
		{ echo "The package index could not be used: check the network, or name a mirror by PIP_INDEX_URL." >&2; exit 1; }
	@touch $@

$(VENV)/.dependencies: requirements.lock $(UV)
	@echo "Installing the locked dependencies"
	@$(INDEX) $(UV) pip sync --quiet --python $(BIN)/python --require-hashes $<
	@touch $@

$(PEERS)/.dependencies $(LCA_ALGEBRAIC)/.dependencies: %/.venv/.dependencies: %/requirements.lock $(UV)
	@echo "Installing the peers of $*"
	@$(UV) venv --quiet --allow-existing --python $(BIN)/python $*/.venv
	@$(INDEX) $(UV) pip sync --quiet --python $*/.venv/bin/python --require-hashes $<
	@touch $@

# Editable, so that a change of Python code needs no new installation; a change of a kernel does.
$(VENV)/.members: $(VENV)/.dependencies $(MEMBERS:=/pyproject.toml) $(KERNELS)
	@echo "Installing greenchain and compiling its kernels"
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline \
		$(MEMBERS:%=--editable ./%)
	@touch $@

.PHONY: node_modules
node_modules:
	@tools/node_modules.sh
