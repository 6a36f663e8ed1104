// SPDX-License-Identifier: AGPL-3.0-or-later

// Command turnstone-verify checks, without network and without trusting the
// operator, what an installation has published: log checkpoints and proofs,
// signed rosters and exported reports.
package main

import "fmt"

func main() { fmt.Println("turnstone-verify") }
