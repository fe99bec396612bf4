package store

import "context"

func (s *Session) executeTree(ctx context.Context, sql string) (*Result, error) {
	return nil, unsupported("the tree model")
}

func (s *Session) insertTree(ctx context.Context, in Tablet) error {
	return unsupported("the tree model")
}
