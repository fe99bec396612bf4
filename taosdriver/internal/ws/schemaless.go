package ws

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

var _ transport.LineWriter = (*Conn)(nil)

// linesArgs are the arguments of the action insert. Its members are in the order
// of the recorded ones.
type linesArgs struct {
	ReqID        uint64 `json:"req_id"`
	Protocol     int    `json:"protocol"`
	Precision    string `json:"precision"`
	TTL          int32  `json:"ttl"`
	Data         string `json:"data"`
	TableNameKey string `json:"table_name_key,omitempty"`
}

// precisions by what the server takes for them. Any other text, "us" among them,
// it would take for nanoseconds.
var precisions = [...]string{
	driver.SchemalessDefault:      "",
	driver.SchemalessHours:        "h",
	driver.SchemalessMinutes:      "m",
	driver.SchemalessSeconds:      "s",
	driver.SchemalessMilliseconds: "ms",
	driver.SchemalessMicroseconds: "u",
	driver.SchemalessNanoseconds:  "ns",
}

// WriteLines implements transport.LineWriter.
func (c *Conn) WriteLines(ctx context.Context, requestID uint64, lines transport.Lines) (driver.SchemalessResult, error) {
	args := linesArgs{
		Protocol: int(lines.Protocol), Precision: precisions[lines.Precision], TTL: lines.TTL,
		Data: string(lines.Data), TableNameKey: lines.TableNameKey,
	}
	if args.TableNameKey != "" {
		if err := c.require("schemaless", needTableNameKey, "a tag for the table's name"); err != nil {
			return driver.SchemalessResult{}, err
		}
	}
	k := newCall("schemaless", requestID)
	k.executes = true
	err := c.start(ctx, k, textMessage, func(id uint64) []byte {
		args.ReqID = id
		return marshalPlain(actionInsert, args)
	})
	if err != nil {
		return driver.SchemalessResult{}, err
	}
	if err := c.wait(ctx, k, nil); err != nil {
		return driver.SchemalessResult{}, err
	}
	return driver.SchemalessResult{AffectedRows: k.reply.AffectedRows, TotalRows: k.reply.TotalRows}, nil
}

// marshalPlain is marshal without escapes for HTML, which would lengthen the
// lines.
func marshalPlain(action string, args any) []byte {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(request{action, args}); err != nil {
		panic("ws: arguments of " + action + ": " + err.Error())
	}
	return bytes.TrimSuffix(text.Bytes(), []byte{'\n'})
}
