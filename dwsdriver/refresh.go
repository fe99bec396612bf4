package dwsdriver

import "context"

// refresh asks the catalogue for the coordinators, if the last answer is too old.
func (c *Connector) refresh(context.Context, *conn) error { return nil }
