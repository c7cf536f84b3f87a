# Treaty. Needs nothing but python3 (3.11 to 3.13) and make; everything else is put into .venv.

PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
STAMP := .venv/.installed
PROJECTS := pyproject.toml generator/pyproject.toml runtime/pyproject.toml
BENCH_STAMP := .venv-bench/.installed
PEERS := tests/bench/peers

.PHONY: help demo test check format verify verify-stripe fuzz fuzz-contracts chaos webhook-campaign load bench bench-generator bench-service generate golden-update wheels lock clean
.DEFAULT_GOAL := help

help:  ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

# Remade when a dependency changes. The stamp is written last, so an interrupted installation starts over.
$(STAMP): requirements.lock $(PROJECTS)
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Treaty needs Python 3.11, 3.12 or 3.13; $(PYTHON) is {v[0]}.{v[1]}. Say which to use: make PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable generator --editable runtime --editable .
	@touch $@

demo: $(STAMP)  ## Generate, start, and walk through the billing service (ONCE=1: end after the walk)
	$(BIN)/treaty generate
	$(BIN)/python -m saas.demo $(if $(ONCE),--once)

test: $(STAMP)  ## Prove it: contracts kept, generated code current, every test
	$(BIN)/treaty generate --check
	$(BIN)/treaty verify
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

check: $(STAMP)  ## Contracts, lint, types, import directions
	$(BIN)/treaty check
	$(BIN)/treaty fmt --check
	$(BIN)/treaty fmt --check --project tests/lending
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)  ## Lay out contracts and code
	$(BIN)/treaty fmt
	$(BIN)/treaty fmt --project tests/lending
	$(BIN)/ruff format .

verify: $(STAMP)  ## Run every scenario and example against the real service
	$(BIN)/treaty verify

verify-stripe: $(STAMP)  ## The same against Stripe itself, in test mode (STRIPE_API_KEY=sk_test_…; a live key is refused)
	$(BIN)/treaty verify --stripe

fuzz: $(STAMP)  ## Look for bugs ten times as hard as the tests do, each time elsewhere (FUZZ=500, SEED=)
	TREATY_FUZZ_EXAMPLES=$(or $(FUZZ),500) TREATY_FUZZ_SEED=$(SEED) $(BIN)/python -m pytest tests/end_to_end/test_fuzz.py tests/lending/test_fuzz.py

fuzz-contracts: $(STAMP)  ## Read, format and mend 10,000 files that nobody should write, each time others (FUZZ=1250 for each of eight tests)
	TREATY_CONTRACT_EXAMPLES=$(or $(FUZZ),1250) $(BIN)/python -m pytest --numprocesses $(WORKERS) tests/generator/test_anything.py tests/formatting/test_anything.py tests/fixing/test_anything.py

chaos: $(STAMP)  ## Kill, restart and slow everything under load, and count what was lost: nothing (KILLS=20, ROUNDS=3)
	$(BIN)/python -m tests.chaos --kills $(or $(KILLS),20) --rounds $(or $(ROUNDS),3) $(if $(SEED),--seed $(SEED))

webhook-campaign: $(STAMP)  ## Tell of 2,000 changes at Stripe 10,000 times, shuffled, 5% never, workers killed, and count (EVENTS=2000, KILLS=10)
	$(BIN)/python -m tests.chaos.webhooks --events $(or $(EVENTS),2000) --kills $(or $(KILLS),10) $(if $(SEED),--seed $(SEED))

load: $(STAMP)  ## Call the service as fast as it answers: throughput, latencies, and whether it kept all of it (SECONDS=20, CALLERS=32)
	$(BIN)/python -m tests.load --seconds $(or $(SECONDS),20) --callers $(or $(CALLERS),32)

# What the generator is measured beside. It has dependencies of its own, so it gets an environment of its own.
$(BENCH_STAMP): $(PEERS).lock
	$(PYTHON) -m venv --clear .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

bench: bench-generator bench-service  ## Measure how fast everything is (UPDATE=1: write the figures into docs/benchmarks.md)

bench-generator: $(STAMP) $(BENCH_STAMP)  ## Measure the generator beside its peers: time, memory, ratios (half an hour)
	$(BIN)/python -m tests.bench $(if $(UPDATE),--update)

bench-service: $(STAMP) $(BENCH_STAMP)  ## Measure the service beside the same work by hand (ROWS=300000 ROUNDS=3 SECONDS=4)
	$(BIN)/python -m tests.bench.service --rows $(or $(ROWS),300000) --rounds $(or $(ROUNDS),3) --seconds $(or $(SECONDS),4) $(if $(UPDATE),--update)

generate: $(STAMP)  ## Make generated/ from contracts/
	$(BIN)/treaty generate

golden-update: $(STAMP)  ## Accept what the generator makes now as what it should make
	TREATY_GOLDEN_UPDATE=1 $(BIN)/python -m pytest --quiet tests -k golden

wheels: $(STAMP)  ## Build what others install, into dist/
	cd generator && ../$(BIN)/python -m hatchling build --target wheel --directory ../dist
	cd runtime && ../$(BIN)/python -m hatchling build --target wheel --directory ../dist

lock:  ## Resolve the dependencies anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
		--no-emit-package treaty --no-emit-package treaty-runtime --extra dev \
		--output-file requirements.lock $(PROJECTS)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-emit-package treaty --no-emit-package treaty-runtime --extra image --constraint requirements.lock \
		--output-file requirements-service.lock $(PROJECTS)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
		--output-file $(PEERS).lock $(PEERS).in

clean:  ## Remove what is not committed: the environments and local data
	rm -rf .venv .venv-bench .treaty
