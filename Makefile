# Where the native engine cannot run (macOS), or with LAB_IN_CONTAINER=1, each verb runs in the lab's own container.
ifneq ($(if $(LAB_CONTAINER),,$(filter 1,$(LAB_IN_CONTAINER))$(filter-out Linux,$(shell uname))),)

.PHONY: shell container-down in-container
.DEFAULT_GOAL := status

# For commands that are not verbs, such as `cargo lab kill`.
shell:
	@devcontainers/in-container bash

container-down:
	@devcontainers/in-container --down

%: in-container
	@devcontainers/in-container make $@ $(MAKEOVERRIDES)

in-container Makefile: ;

else

# The dozen verbs people type. Each is one line that calls the lab or cargo.
LAB := @cargo lab

.PHONY: status top hint watch progress results report logs sql redis solution restart reset down
.PHONY: check predict compare ab loadtest
.PHONY: apply-fix explain-query dashboard test test-all soak test-docker validate lint bench first-build

# Not quiet: the first build takes minutes, and cargo shows how far it is.
scenario-%:
	@cargo run --bin lab -- up $*

status top hint watch progress results report logs sql redis solution restart reset down:
	$(LAB) $@

# A verdict is a result, whatever it says: FAIL (1) and "inconclusive" (3) are no errors of make. Scripts call `cargo lab`,
# which keeps these codes.
check predict compare ab loadtest:
	$(LAB) $(subst loadtest,load,$@) || case $$? in 1|3) ;; *) exit $$?;; esac

apply-fix:
	$(LAB) apply-fix

explain-query:
	$(LAB) explain

dashboard:
	$(LAB) open

# Before each commit lands: 40 minutes at most, from a fresh clone on two cores.
test:
	@cargo xtask test

# Everything once, on both engines: 100 minutes at most. `ARGS=--resume` continues where the last run stopped.
test-all:
	@cargo xtask test-all $(ARGS)

# Each state of each lesson, checked 20 times; then every promise at its full figure, and an hour of fuzzing per parser.
soak:
	@cargo xtask soak $(ARGS)

# The scenarios in containers, with the Docker of this machine or, as root on Debian, one that is started for it.
test-docker:
	cargo build --locked --bin lab
	@cargo xtask test-all --only compose

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

# Seconds from a fresh clone to the first answer; `ARGS=3` measures three times.
first-build:
	@crates/xtask/first-build $(ARGS)

lint:
	@cargo xtask lint

# Services and tools that have a benchmark; the one of the page runs the lab as learners have it.
BENCHED := $(filter-out lab,$(patsubst crates/%/benches,%,$(wildcard crates/*/benches)))

bench:
	cargo bench $(addprefix --package ,$(BENCHED)) --all-features
	cargo bench --package lab --profile dev --bench page

endif
