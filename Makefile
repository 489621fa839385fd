# What people and CI type. `make` alone says what there is.
# Works with the GNU make 3.81 that macOS ships; anything longer than a line is in scripts/.

.DEFAULT_GOAL := help

.PHONY: help
help: ## Say what can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

.PHONY: run
run: ## Set everything up and start the server on http://localhost:7860
	@scripts/run

.PHONY: test
test: ## Set everything up and run every test
	@scripts/test

.PHONY: fmt
fmt: ## Format the sources
	cargo fmt --all

.PHONY: lint
lint: ## Check format, lints and docs, warnings denied
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --locked

.PHONY: api-types
api-types: ## Make the page's types of the API anew, from the OpenAPI document
	@scripts/api-types

.PHONY: e2e
e2e: ## Walk through the page in a real browser
	@scripts/with-chromium scripts/with-server scripts/with-node npm --prefix web run e2e

.PHONY: screenshots
screenshots: ## Photograph every state of the page into web/screenshots
	@scripts/with-chromium scripts/with-server scripts/with-node npm --prefix web run screenshots

.PHONY: fuzz-api
fuzz-api: ## Ask the server at random whatever the OpenAPI document allows, and what it does not: FUZZ_SEED, FUZZ_EXAMPLES (100)
	@scripts/install-postgres
	FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-100} scripts/check-openapi

.PHONY: soak
soak: ## Put faults on several replicas, and attacks on one, for long: CHAOS_SECONDS (60) for each of CHAOS_SEEDS (1 to 10)
	@scripts/install-postgres
	CHAOS_SECONDS=$${CHAOS_SECONDS:-60} CHAOS_SEEDS=$${CHAOS_SEEDS:-1,2,3,4,5,6,7,8,9,10} \
		CHAOS_ROUNDS=$${CHAOS_ROUNDS:-500} \
		cargo test --package tests --test chaos -- --nocapture
	PROPTEST_CASES=$${PROPTEST_CASES:-4000} cargo test --package domain --package adapters --lib

.PHONY: evaluate
evaluate: ## Score the model that OPENAI_BASE_URL names, by 120 tasks
	@WITH_MODEL=1 scripts/with-server cargo run --quiet --package evaluate

.PHONY: local-model
local-model: ## Talk to the model that OPENAI_BASE_URL names, and say what came of it
	@WITH_MODEL=1 scripts/with-server cargo run --quiet --package tests --example try_local_model

.PHONY: measure-page
measure-page: ## Measure the page with 1,000 tasks and 1,000 messages in a real browser
	@scripts/with-chromium scripts/with-server scripts/with-node npm --prefix web run measure

.PHONY: planted-bugs
planted-bugs: ## Plant bugs in a copy of the sources and see the chaos tests notice each (half an hour)
	@scripts/install-postgres
	@tests/tests/chaos/planted/run.sh

.PHONY: bench
bench: ## Measure the server against a ceiling of the same run
	@scripts/install-postgres
	cargo run --release --package benches

.PHONY: bench-compare
bench-compare: ## Compare this tree with the revision BEFORE (HEAD~1): both built, measured in one run
	@scripts/install-postgres
	@scripts/bench-compare "$${BEFORE:-HEAD~1}"
