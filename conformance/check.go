package conformance

import (
	"fmt"
	"slices"
)

// Check is one thing that a driver must do.
type Check struct {
	// Group that the check is listed under: "connect", "query".
	Group string
	// Name says in words what holds if the check passes.
	Name string
	// Needs are the capabilities without which the check is skipped.
	Needs []Capability
	// Without are capabilities with which it is skipped, because it looks at what
	// happens in their absence.
	Without []Capability
	// Run does it. It runs on a goroutine of its own and reports through the Env.
	Run func(*Env)

	// alone keeps other checks of this process away: the check measures the heap.
	alone bool
}

// Checks returns the checks of the suite in their order.
func Checks() []Check {
	return slices.Concat(
		connectChecks, execChecks, queryChecks, preparedChecks, placeholderChecks, argumentChecks,
		typeChecks, nullChecks, timeChecks, metadataChecks,
		contextChecks, neverTwiceChecks, poolChecks, lifeChecks, resourceChecks,
		errorChecks, transactionChecks, extensionChecks, requestChecks, ecosystemChecks,
	)
}

// skip returns why the target is not held to the check, or "".
func (c *Check) skip(t *Target) string {
	for _, need := range c.Needs {
		if !t.has(need) {
			return fmt.Sprintf("target without %s", need)
		}
	}
	for _, without := range c.Without {
		if t.has(without) {
			return fmt.Sprintf("target with %s", without)
		}
	}
	return ""
}

// needs spares the tables a few braces.
func needs(c ...Capability) []Capability { return c }
