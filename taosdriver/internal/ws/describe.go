package ws

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// blobsMissing reports whether the INSERT has a list of columns that leaves out
// a BLOB of the table: prepared and executed it would end the server.
func (c *Conn) blobsMissing(ctx context.Context, requestID uint64, in insert) (bool, error) {
	if in.columns == nil {
		return false, nil
	}
	k := newCall("prepare", requestID)
	if err := c.execute(ctx, k, "DESCRIBE "+in.table); err != nil {
		return false, err
	}
	if k.reply.IsUpdate {
		return true, nil
	}
	reply, err := c.result(ctx, k, false)
	if err != nil {
		return false, err
	}
	defer reply.Result.Close()
	if len(reply.Fields) < 2 {
		return true, nil // better not
	}
	for {
		b, err := reply.Result.Next(ctx)
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, withoutMark(err)
		}
		for i := range b.Rows {
			name, _ := b.Columns[0].Value(i).(string)
			typ, _ := b.Columns[1].Value(i).(string)
			if strings.Contains(strings.ToUpper(typ), "BLOB") && !slices.Contains(in.columns, fold(name)) && !slices.Contains(in.columns, name) {
				return true, nil
			}
		}
	}
}

func fold(word string) string { return strings.ToLower(word) }

// withoutMark returns err for a request that is one of several of which others
// have been sent.
func withoutMark(err error) error {
	if e, ok := transport.WasNotSent(err); ok {
		return e
	}
	return err
}

func errorOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
