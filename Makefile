# The dozen verbs people type. Each is one line that calls the lab or cargo.
LAB := @cargo lab

.PHONY: loadtest status top check hint watch progress results predict compare ab report logs sql solution restart reset down
.PHONY: apply-fix explain-query dashboard test test-docker validate lint bench

# Not quiet: the first build takes minutes, and cargo shows how far it is.
scenario-%:
	@cargo run --bin lab -- up $*

loadtest status top check hint watch progress results predict compare ab report logs sql solution restart reset down:
	$(LAB) $(subst loadtest,load,$@)

apply-fix:
	$(LAB) apply-fix

explain-query:
	$(LAB) explain

dashboard:
	$(LAB) open

# Everything that CI runs. The first line installs the servers that are missing.
test:
	cargo run --bin lab -- doctor --install
	$(MAKE) lint smoke-1 smoke-2 smoke-3 smoke-4 validate test-docker
	cargo test --workspace --all-features --locked --doc
	cargo test --workspace --all-features --locked --lib --bins --tests

# The scenarios in containers, with the Docker of this machine or, as root on Debian, one that is started for it.
test-docker:
	cargo build --locked --bin lab
	@compose/images/with-docker compose/images/try-all || { [ $$? -eq 77 ] && echo "skipped: the tests with Docker"; }

# What a Codespace of the scenario goes through.
test-devcontainer-%:
	@compose/images/with-docker devcontainers/try $*

smoke-%:
	@cargo run --bin lab -- smoke $*

# Every lesson both ways; validate-N is one of them.
validate:
	@cargo run --bin lab -- validate

validate-%:
	@cargo run --bin lab -- validate $*

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features --locked -- --deny warnings
	$(LAB) tidy

bench:
	cargo bench --package loadgen --package compare
	cargo bench --package feed --package tasks --package jobs --package orders --all-features
	cargo bench --package lab --profile dev --bench page
