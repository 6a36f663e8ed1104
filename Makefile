# Turnstone. `make run` starts the demo, `make test` runs everything.
SHELL := /bin/bash
GO ?= go

.PHONY: build run check test vet fmt clean
build: ## build the two binaries into bin/
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ ./cmd/...

check: ## quick checks before each commit
	@test -z "$$(gofmt -l cmd engine internal)" || { gofmt -l cmd engine internal; echo 'gofmt: the files above need it'; exit 1; }
	$(GO) vet ./...
	$(GO) test -short ./...

test: ## everything, on a bare Debian machine with Go
	$(GO) vet ./...
	$(GO) test ./...

clean:
	rm -rf bin
