package conformance

import "context"

// VerifySome is Verify with some of the checks, chosen by their place and name.
// Those that measure the heap of the whole process are chosen only if alone is
// true: many targets can be verified at the same time without them.
func VerifySome(ctx context.Context, target Target, alone bool, choose func(i int, name string) bool) (*Report, error) {
	if err := target.Validate(); err != nil {
		return nil, err
	}
	r := newRun(&target)
	defer r.close(ctx)
	report := &Report{Target: target.Name, Server: target.Server}
	for i, c := range r.checks {
		if (alone || !c.alone) && choose(i, c.Name) {
			report.Results = append(report.Results, r.check(ctx, c))
		}
	}
	return report, nil
}
