// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// modules are the Go programmes that browsers run: name → package folder.
// Each becomes <name>.wasm.gz.
var modules = map[string]string{
	"check": "./web/wasm/check",
	"scrub": "./web/wasm/scrub",
}

// wasm compiles the modules. The same sources and the same Go give the same
// bytes: no path, no build number, no time and no name goes in.
func wasm(web string, out map[string][]byte) error {
	dir, err := os.MkdirTemp("", "assets")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for name, folder := range modules {
		path := filepath.Join(dir, name+".wasm")
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", path, folder)
		cmd.Dir = filepath.Dir(web)
		cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=", "GOWASM=", "GOEXPERIMENT=", "GOWORK=off")
		if b, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s.wasm: %w: %s", name, err, b)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read %s.wasm: %w", name, err)
		}
		if out[name+".wasm.gz"], err = zipped(b); err != nil {
			return fmt.Errorf("compress %s.wasm: %w", name, err)
		}
	}
	return nil
}

func zipped(b []byte) ([]byte, error) {
	var small bytes.Buffer
	z, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return small.Bytes(), nil
}
