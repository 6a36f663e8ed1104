// SPDX-License-Identifier: Apache-2.0

// Command mkvariants reduces groups of spellings, read from standard input, to
// the keys that package match embeds, and writes them zipped to standard
// output. It is a tool for building data/variants.txt.gz and must never be part
// of the product.
package main

import (
	"compress/gzip"
	"fmt"
	"os"

	"github.com/turnstone-project/turnstone/engine/match"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "mkvariants:", err)
		os.Exit(1)
	}
}

func run() error {
	out, err := gzip.NewWriterLevel(os.Stdout, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := match.ReduceVariants(os.Stdin, out); err != nil {
		return err
	}
	return out.Close()
}
