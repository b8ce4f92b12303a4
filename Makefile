# The project's commands. Each installs what it needs and is missing first, and says so (.ci/setup).

.DEFAULT_GOAL := help
.PHONY: help run test test-all test-faults fuzz quick watch build size bench bench-sync speed shots clean distclean
SHELL := bash

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: ## build the release and start the demonstration
	@.ci/setup run
	@.ci/build release
	@. .ci/env && LEPTOS_SITE_ROOT=target/site exec "$$EPROC_TARGET/release/eproc-2fa-demo"

test: ## every test; the last line is the total
	@.ci/setup test
	@.ci/test

test-all: ## every test, the fault loops too, and the browser tests as cargo-leptos builds and runs them
	@.ci/setup test watch
	@.ci/test
	@$(MAKE) --no-print-directory test-faults
	@. .ci/env && cargo leptos build && cargo build --locked -p server && cargo leptos end-to-end

test-faults: ## the fault loops alone: processes are killed hundreds of times on the way (EPROC_KILLS=1000 says how often)
	@.ci/setup rust postgres
	@. .ci/env && EPROC_EXPECT_POSTGRES=1 .ci/pg run cargo test --locked --workspace --exclude frontend -- --ignored --nocapture

fuzz: ## libFuzzer on what another instance sends, for EPROC_FUZZ_SECONDS (300)
	@.ci/setup rust fuzz
	@.ci/fuzz

quick: ## format, house rules, lints and the Rust tests only
	@.ci/setup rust bindgen web deny postgres
	@.ci/test quick

watch: ## rebuild and reload while you edit (cargo leptos watch)
	@.ci/setup watch
	@. .ci/env && exec cargo leptos watch

build: ## the release: target/release/eproc-2fa and target/site (and the demonstration beside it)
	@.ci/setup run
	@.ci/build release

size: build ## sizes, start-up time, memory
	@.ci/size

bench: build ## what one client can take from the others, and how fast it is besides: memory, turns, connections
	@. .ci/env && cargo build --locked --release --package server --example argon2id_alone --example code_checks --target-dir "$$EPROC_TARGET"
	@. .ci/env && node .ci/bench.mjs "$$EPROC_TARGET/release/eproc-2fa" "$$EPROC_ROOT/target/site" "$$EPROC_TARGET/release/examples/argon2id_alone" "$$EPROC_TARGET/release/examples/code_checks"

bench-sync: build ## how fast changes reach another instance: 10,000 activations, revocations, a peer that was down
	@. .ci/env && cargo build --locked --release --package server --example sync_activations --target-dir "$$EPROC_TARGET"
	@. .ci/env && node .ci/bench-sync.mjs "$$EPROC_TARGET/release/eproc-2fa" "$$EPROC_ROOT/target/site" "$$EPROC_TARGET/release/examples/sync_activations"

speed: build ## how long a step takes on a slow phone, by moving and by documents
	@.ci/setup end2end browser
	@. .ci/env && cd end2end && EPROC_BIN="$$EPROC_TARGET/release/eproc-2fa" EPROC_SITE="$$EPROC_ROOT/target/site" npx playwright test --config speed.config.ts

shots: build ## a contact sheet of every page
	@.ci/setup end2end browser
	@. .ci/env && EPROC_BIN="$$EPROC_TARGET/release/eproc-2fa" EPROC_SITE="$$EPROC_ROOT/target/site" node end2end/shots.mjs

clean: ## remove what was built here
	rm -rf target end2end/node_modules end2end/results end2end/shots

distclean: clean ## remove the tools and the build cache as well
	@. .ci/env && echo "rm -rf $$EPROC_CACHE" && rm -rf "$$EPROC_CACHE"
