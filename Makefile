# The dozen verbs people type. Each is one line that calls the lab or cargo.
LAB := @cargo lab

.PHONY: loadtest status results logs sql solution restart reset down apply-fix explain-query test lint bench

# Not quiet: the first build takes minutes, and cargo shows how far it is.
scenario-%:
	@cargo run --bin lab -- up $*

loadtest status results logs sql solution restart reset down:
	$(LAB) $(subst loadtest,load,$@)

apply-fix:
	$(LAB) apply-fix

explain-query:
	$(LAB) explain

# Everything that CI runs. The first line installs the servers that are missing.
test:
	cargo run --bin lab -- doctor --install
	$(MAKE) lint smoke-1 smoke-2 smoke-3 smoke-4
	cargo test --workspace --all-features --locked --doc
	cargo test --workspace --all-features --locked --lib --bins --tests

smoke-%:
	@cargo run --bin lab -- smoke $*

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features --locked -- --deny warnings
	$(LAB) tidy

bench:
	cargo bench --package loadgen
	cargo bench --package feed --package tasks --package jobs --package orders --all-features
