# The two commands that matter: `make demo` and `make test`. Both set up everything that they need.
.DEFAULT_GOAL := help
.PHONY: help demo test up down sync lint manifests bench

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

demo: ## real Kubernetes, KubeVirt on it, and a virtual machine's console in front of you
	@cluster/demo.sh

test: ## everything that CI checks, the tests on the real cluster among it
	@tests/run.sh

up: ## start the local Kubernetes (NODES=2)
	@cluster/up.sh $(if $(NODES),--nodes $(NODES))

down: ## remove the local Kubernetes and all that it made
	@cluster/down.sh

sync: ## build this tree and deploy what changed to the running cluster
	@cluster/sync.sh

lint: ## formatting, clippy, shell scripts, licences, dependencies
	@tests/run.sh --only lint

manifests: ## write the generated manifests anew
	@cluster/generate.sh

bench: ## measure what stands in SPECIFICATION.md
	@bench/first.sh
	@bench/admission.sh
	@bench/streams.sh
	@bench/virtctl.sh
