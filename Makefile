# `make` builds, `make test lint` is what a change needs, .ci/run is everything.

GO       ?= go
FUZZTIME ?= 30s
KILLROUNDS ?= 20

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

.PHONY: build test race kill lint fmt docs bench fuzz vuln release-check snapshot clean

build: ## a static binary in the working directory
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o klingctl$(shell $(GO) env GOEXE) .

test: ## everything, offline
	$(GO) test ./...

race: ## the same under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race ./...

kill: build ## SIGKILL the program at every point of its life (strace, some minutes; docs/promise.md)
	KLINGCTL_KILL_BINARY=$(CURDIR)/klingctl$(shell $(GO) env GOEXE) KLINGCTL_KILL_ROUNDS=$(KILLROUNDS) \
		$(GO) test ./cmd -count 1 -timeout 20m -v -run '^(TestKillAt|TestCreateFaults|TestManyShellsUnderOneCap)'

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

release-check: $(GORELEASER) ## is .goreleaser.yaml sound
	$(GORELEASER) check

snapshot: $(GORELEASER) ## build a release into dist/ without publishing it
	$(GORELEASER) release --snapshot --clean

clean: ## remove what was built
	rm -rf dist klingctl klingctl.exe

$(GOLANGCI_LINT):
	GOBIN=$(@D) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

$(GORELEASER):
	GOBIN=$(@D) $(GO) install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)

$(GOVULNCHECK):
	GOBIN=$(@D) $(GO) install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)
