# `make` builds, `make test lint` is what a change needs, .ci/run is everything.

GO       ?= go
FUZZTIME ?= 30s
KILLROUNDS ?= 20
SOAKJOBS ?= 1000
BATCHROWS ?= 3000
BATCHKILLS ?= 50
WORKERROWS ?= 1000

# Tools live outside the tree and outside go.mod, one folder a version.
# .ci/run reads the versions from these lines.
TOOLS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/klingctl-tools

GOLANGCI_LINT_VERSION := v2.15.0
GORELEASER_VERSION    := v2.16.0
GOVULNCHECK_VERSION   := v1.8.0
VERSITYGW_VERSION     := v1.8.0

GOLANGCI_LINT := $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)/golangci-lint
GORELEASER    := $(TOOLS)/goreleaser-$(GORELEASER_VERSION)/goreleaser
GOVULNCHECK   := $(TOOLS)/govulncheck-$(GOVULNCHECK_VERSION)/govulncheck

.PHONY: build test race kill faults soak batchkill batchbench workers lint fmt docs bench fuzz vuln picture release-check snapshot clean

build: ## a static binary in the working directory
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o klingctl$(shell $(GO) env GOEXE) .

test: ## everything, offline
	$(GO) test ./...

race: ## the same under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race ./...

kill: build ## SIGKILL the program at every point of its life (strace, some minutes; docs/promise.md)
	KLINGCTL_KILL_BINARY=$(CURDIR)/klingctl$(shell $(GO) env GOEXE) KLINGCTL_KILL_ROUNDS=$(KILLROUNDS) \
		$(GO) test ./cmd -count 1 -timeout 20m -v -run '^(TestKillAt|TestCreateFaults|TestManyShellsUnderOneCap)'

faults: build ## every fault of looks, links and downloads against the program (some minutes)
	KLINGCTL_FAULTS_BINARY=$(CURDIR)/klingctl$(shell $(GO) env GOEXE) KLINGCTL_FAULTS=all \
		$(GO) test ./cmd -count 1 -timeout 15m -v -run '^TestFault'

soak: build ## wait for SOAKJOBS jobs in one process and print what it costs (five minutes)
	KLINGCTL_SOAK_BINARY=$(CURDIR)/klingctl$(shell $(GO) env GOEXE) KLINGCTL_SOAK=$(SOAKJOBS) \
		$(GO) test ./cmd -count 1 -timeout 20m -v -run '^TestSoak$$'

workers: build ## three workers on one database (KLINGCTL_TEST_POSTGRES), one killed every 10 s (five minutes and more)
	KLINGCTL_KILL_BINARY=$(CURDIR)/klingctl$(shell $(GO) env GOEXE) KLINGCTL_WORKERS=$(WORKERROWS) \
		$(GO) test ./cmd -count 1 -timeout 30m -v -run '^TestWorkersKilled$$'

batchkill: build ## SIGKILL a batch of 1,000 rows, every fifth in trouble, BATCHKILLS times (four minutes; docs/promise.md)
	KLINGCTL_BATCH_BINARY=$(CURDIR)/klingctl$(shell $(GO) env GOEXE) KLINGCTL_BATCH_KILLS=$(BATCHKILLS) \
		$(GO) test ./cmd -count 1 -timeout 20m -v -run '^TestKilledBatch$$'

batchbench: build ## BATCHROWS rows against a program without a store and a shell loop (a quarter of an hour; docs/performance.md)
	KLINGCTL_BATCH_BINARY=$(CURDIR)/klingctl$(shell $(GO) env GOEXE) KLINGCTL_BATCH_BENCH=$(BATCHROWS) \
		$(GO) test ./cmd -count 1 -timeout 60m -v -run '^TestBatchBench$$'

lint: $(GOLANGCI_LINT) ## the linters of .golangci.yaml
	$(GOLANGCI_LINT) run

fmt: $(GOLANGCI_LINT) ## gofumpt and the order of imports
	$(GOLANGCI_LINT) fmt

docs: ## write the generated pages again
	$(GO) test ./cmd -run TestGeneratedDocs -update

bench: ## every benchmark, no test
	$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz: ## every fuzz target in turn, FUZZTIME each
	@grep -rHoE --include='*_test.go' --exclude-dir=testdata '^func Fuzz[A-Za-z0-9_]+' . | sort | \
	while IFS=: read -r file func; do \
		name=$${func#func }; \
		echo "fuzz $$name in $${file%/*} for $(FUZZTIME)"; \
		$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$${file%/*}" || exit 1; \
	done

vuln: $(GOVULNCHECK) ## known vulnerabilities (asks vuln.go.dev)
	$(GOVULNCHECK) ./...

picture: ## draw docs/terminal.svg from what the program writes (Linux)
	KLINGCTL_PICTURE=$(CURDIR)/docs/terminal.svg $(GO) test ./cmd -count 1 -run '^TestDrawPicture$$'

release-check: $(GORELEASER) snapshot ## is .goreleaser.yaml sound, and do all targets and packages build (some minutes)
	$(GORELEASER) check
	packaging/verify dist

# An image needs its base from the network, and a list of parts needs syft.
WITHOUT = docker$(if $(shell command -v syft),,$(comma)sbom)
comma := ,

snapshot: $(GORELEASER) ## build a release into dist/ without publishing it, offline
	$(GORELEASER) release --snapshot --clean --skip=$(WITHOUT)

clean: ## remove what was built
	rm -rf dist packaging/built klingctl klingctl.exe

$(GOLANGCI_LINT):
	GOBIN=$(@D) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

$(GORELEASER):
	GOBIN=$(@D) $(GO) install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)

$(GOVULNCHECK):
	GOBIN=$(@D) $(GO) install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)
