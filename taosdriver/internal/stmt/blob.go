package stmt

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

// useOfBlob finds out what the INSERT does to a BLOB.
func useOfBlob(ctx context.Context, c transport.Conn, requestID uint64, in prepare.Insert) (blobUse, error) {
	if in.Columns == nil && !in.Mixed {
		return noBlob, nil
	}
	reply, err := c.Query(ctx, requestID, "DESCRIBE "+in.Table)
	if err != nil {
		return noBlob, err
	}
	if reply.Result == nil {
		return blobLeftOut, nil // better not
	}
	defer reply.Result.Close()
	if len(reply.Fields) < 2 {
		return blobLeftOut, nil
	}
	for {
		b, err := reply.Result.Next(ctx)
		if err == io.EOF {
			return noBlob, nil
		}
		if e, ok := transport.WasNotSent(err); ok {
			return noBlob, e // a request before has been sent
		}
		if err != nil {
			return noBlob, err
		}
		for i := range b.Rows {
			name, _ := b.Columns[0].Value(i).(string)
			typ, _ := b.Columns[1].Value(i).(string)
			if !strings.Contains(strings.ToUpper(typ), "BLOB") {
				continue
			}
			if in.Columns != nil && !slices.Contains(in.Columns, strings.ToLower(name)) && !slices.Contains(in.Columns, name) {
				return blobLeftOut, nil
			}
			return blobNamed, nil // a table has one at most
		}
	}
}
