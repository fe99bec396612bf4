package conformance

import "context"

// VerifyApart is Verify without the checks that measure the heap of the whole
// process, for many targets at the same time.
func VerifyApart(ctx context.Context, target Target) (*Report, error) {
	if err := target.Validate(); err != nil {
		return nil, err
	}
	r := newRun(&target)
	defer r.close(ctx)
	report := &Report{Target: target.Name, Server: target.Server}
	for _, c := range r.checks {
		if !c.alone {
			report.Results = append(report.Results, r.check(ctx, c))
		}
	}
	return report, nil
}
