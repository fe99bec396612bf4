package ws

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/prepare"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// blobUse is what an INSERT does to the BLOB of its table. One that leaves it
// out, or writes it in the text, would end the server, prepared and executed.
type blobUse int

const (
	noBlob      blobUse = iota
	blobLeftOut         // by the list of columns
	blobNamed           // the parameters tell whether it is one of them
)

// blobUse finds out what the INSERT does to a BLOB.
func (c *Conn) blobUse(ctx context.Context, requestID uint64, in prepare.Insert) (blobUse, error) {
	if in.Columns == nil && !in.Mixed {
		return noBlob, nil
	}
	k := newCall("prepare", requestID)
	if err := c.execute(ctx, k, "DESCRIBE "+in.Table); err != nil {
		return noBlob, err
	}
	if k.reply.IsUpdate {
		return blobLeftOut, nil
	}
	reply, err := c.result(ctx, k, false)
	if err != nil {
		return noBlob, err
	}
	defer reply.Result.Close()
	if len(reply.Fields) < 2 {
		return blobLeftOut, nil // better not
	}
	for {
		b, err := reply.Result.Next(ctx)
		if err == io.EOF {
			return noBlob, nil
		}
		if err != nil {
			return noBlob, withoutMark(err)
		}
		for i := range b.Rows {
			name, _ := b.Columns[0].Value(i).(string)
			typ, _ := b.Columns[1].Value(i).(string)
			if !strings.Contains(strings.ToUpper(typ), "BLOB") {
				continue
			}
			if in.Columns != nil && !slices.Contains(in.Columns, fold(name)) && !slices.Contains(in.Columns, name) {
				return blobLeftOut, nil
			}
			return blobNamed, nil // a table has one at most
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
