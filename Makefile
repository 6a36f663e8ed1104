# Turnstone. `make run` starts the demo, `make test` runs everything.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
GO ?= go
export PATH := $(PATH):$(shell $(GO) env GOPATH)/bin

# Packages whose tests compute for very long under the race detector: it sees what
# of them runs in parallel. And those that drive a browser, one after the other.
HEAVY := ./engine/match/index ./engine/match/resolve
BROWSERS := ./internal/app/browsertest ./internal/web/portal
# What takes longest comes first, so that no core waits for it in the end.
LONG := ./internal/web/portal ./internal/app ./engine/scrub ./cmd/turnstone ./internal/store
# all but some packages
but = $$(comm -23 <($(GO) list ./... | sort) <($(GO) list $(1) | sort))

.PHONY: help build run check test lint setup bench clean assets assets-check types test-web seal-speed bench-graph bench-match-index bench-site
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

run: build ## build and start the demo
	bin/turnstone demo

build: ## build the two static binaries into bin/
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ ./cmd/...

check: ## quick checks before each commit, under three minutes
	@test -z "$$(gofmt -l cmd engine internal)" || { gofmt -l cmd engine internal; echo 'gofmt: the files above need it'; exit 1; }
	$(GO) vet ./...
	$(GO) test -short ./...

setup: ## install what the tests need on a bare Debian machine
	tools/setup.sh

lint: ## the habits of the house
	cd tools/lint && $(GO) build -o ../../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	bin/golangci-lint run ./cmd/... ./engine/... ./internal/...

# All but the race detector, which needs cgo, compile in one way: once.
test: export CGO_ENABLED = 0
test: setup build lint test-web ## everything
	$(GO) vet ./...
	CGO_ENABLED=1 $(GO) test -vet=off -race -short -timeout 20m $(LONG) $(call but,$(HEAVY))
	CGO_ENABLED=1 $(GO) test -vet=off -race -short -timeout 10m -run 'TestSearchesSeeWholeUpdates|TestClustersDoNotDependOnTheCores' $(HEAVY) | tee bin/race.out
	! grep 'no tests to run' bin/race.out # one was renamed
	$(GO) test -vet=off -timeout 20m $(HEAVY) $(call but,$(BROWSERS))
	$(GO) test -vet=off -timeout 20m $(BROWSERS)

web/node_modules: web/package-lock.json
	cd web && npm ci --ignore-scripts --no-fund --no-audit
	@touch web/node_modules

assets: web/node_modules ## build what browsers load; only needed after a change under web/
	$(GO) run ./tools/assets

assets-check: web/node_modules ## the committed browser files are what the sources give
	$(GO) run ./tools/assets -check

types: web/node_modules ## check the types of the browser code
	web/node_modules/.bin/tsc -p web

test-web: web/node_modules ## run the tests of the browser code in Node
	$(GO) run ./tools/webtest

seal-speed: web/node_modules ## how long a reporter waits for sealing, in Chromium
	$(GO) run ./tools/sealspeed

bench: build bench-graph bench-match-index bench-site ## the long measurements of docs/benchmarks.md; needs 30 GB and an idle machine
	TURNSTONE_BENCH_OUTCOMES=200000 $(GO) test ./internal/store/outcomestore -run xxx -bench Full -benchtime 40x -timeout 60m
	TURNSTONE_BENCH_REPORTS=1000000 $(GO) test ./internal/store/reportstore -run xxx -bench Full -benchtime 400x -timeout 60m
	TURNSTONE_BENCH_ITEMS=1000000 $(GO) test ./internal/store/intelstore -run xxx -bench Full -benchtime 200x -timeout 60m
	TURNSTONE_BENCH_REFERRALS=300000 $(GO) test ./internal/store/referralstore -run xxx -bench Full -benchtime 300x -timeout 60m

bench-graph: ## the graph engine beside networkx and igraph, where those are installed
	$(GO) run ./engine/graph/bench

bench-site: build ## ask the demo for every kind of public page: as fast as it can, then 3,000 a second
	bin/turnstone demo --portal 127.0.0.1:8480 --desk 127.0.0.1:8481 >/dev/null & pid=$$!; trap "kill $$pid" EXIT; \
	until bin/turnstone bench site --portal http://127.0.0.1:8480 --rate 1 --for 1s --only start >/dev/null 2>&1; do kill -0 $$pid || exit 1; sleep 1; done; \
	bin/turnstone bench site --portal http://127.0.0.1:8480 --rate 0 --each --for 3s --connections 4 --server-pid $$pid && \
	bin/turnstone bench site --portal http://127.0.0.1:8480 --rate 3000 --for 60s --server-pid $$pid
	$(GO) test ./internal/web/portal -run xxx -bench 'Pages|Help' -benchtime 1000x -timeout 30m

bench-match-index: build ## find among four million invented entities, and resolve a million records
	bin/turnstone bench search --file $${TMPDIR:-/tmp}/turnstone-bench.index # builds, then searches
	bin/turnstone bench search --file $${TMPDIR:-/tmp}/turnstone-bench.index # searches in a fresh process, for the memory
	bin/turnstone bench resolve
	rm -f $${TMPDIR:-/tmp}/turnstone-bench.index

clean:
	rm -rf bin
