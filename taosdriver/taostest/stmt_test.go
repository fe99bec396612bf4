package taostest

import (
	"testing"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

// bind binds values to a statement of stmt2 and waits for the reply.
func (c *client) bind(id uint64, columns ...*bind2.Column) reply {
	c.t.Helper()
	return c.bindTables(id, bind2.Table{Columns: columns})
}

func (c *client) bindTables(id uint64, tables ...bind2.Table) reply {
	c.t.Helper()
	c.last++
	data, err := bind2.AppendTo(frame.AppendBind(nil, c.last, id, frame.AllColumns), tables)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.ws.WriteMessage(websocket.BinaryMessage, data); err != nil {
		c.t.Fatal(err)
	}
	return c.hear()
}

func bigInt(t *testing.T, values ...int64) *bind2.Column { return integers(t, block.BigInt, values...) }

func integers(t *testing.T, kind block.Type, values ...int64) *bind2.Column {
	t.Helper()
	c := bind2.NewColumn(kind, block.Milli)
	for _, v := range values {
		if err := c.AppendInt64(v); err != nil {
			t.Fatal(err)
		}
	}
	return c
}
