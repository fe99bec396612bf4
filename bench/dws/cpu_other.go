//go:build !unix

package dws

import "time"

// cpu is not known here: figures of processor time are 0.
func cpu() time.Duration { return 0 }
