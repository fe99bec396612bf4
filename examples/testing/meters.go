// Package meters is a small application and, in its test, how to test one
// without a TDengine: against an embedded server that can be made to fail.
package meters

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gaugesql/gaugesql/driver"
)

// Store keeps readings in the table meter.
type Store struct{ DB *sql.DB }

// Save writes a reading. If the connection is lost it tries once more: the row
// has a timestamp of its own, so that writing it twice leaves one row. The
// driver cannot know that and never repeats a statement by itself.
func (s Store) Save(ctx context.Context, at time.Time, voltage int) error {
	err := s.insert(ctx, at, voltage)
	var e *driver.Error
	if errors.As(err, &e) && e.OutcomeUnknown && ctx.Err() == nil {
		err = s.insert(ctx, at, voltage)
	}
	return err
}

func (s Store) insert(ctx context.Context, at time.Time, voltage int) error {
	_, err := s.DB.ExecContext(ctx, "INSERT INTO meter VALUES (?, ?)", at, voltage)
	return err
}

// Highest returns the highest voltage since a time; ok is false if there is no
// reading.
func (s Store) Highest(ctx context.Context, since time.Time) (voltage int, ok bool, err error) {
	var v sql.Null[int]
	err = s.DB.QueryRowContext(ctx, "SELECT MAX(voltage) FROM meter WHERE ts >= ?", since).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return v.V, v.Valid, err
}
