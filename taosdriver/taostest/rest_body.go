package taostest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// restFlush is the number of bytes after which a body is flushed.
const restFlush = 16 << 10

// affectedRows is the column that a statement without rows answers over REST.
var affectedRows = []block.Field{{Name: "affected_rows", Type: block.Int, Bytes: 4}}

// rows writes the body of a success. Its members come in an order that lets a
// client read it as a stream: code, column_meta, data, rows, timing.
//
// As on the real server an error in the middle shows only in that rows stop and
// NaN or an infinity ends the body on the spot.
func (p *restReply) rows(out outcome, params restParams, blockRows int) {
	res := out.result
	if res == nil {
		res = newResult(nil, &listSource{columns: affectedRows, rows: [][]any{{out.affected}}}, nil)
	}
	if p.x.kill && res.q != nil {
		res.q.kill()
	}
	b := &restBody{reply: p, to: p.begin(), params: params, fields: res.fields(), precision: res.precision()}
	if b.write(res, blockRows) {
		b.out(0)
		p.end()
		return
	}
	p.end()
}

// restBody writes one body.
type restBody struct {
	reply     *restReply
	to        io.Writer
	params    restParams
	fields    []block.Field
	precision block.Precision
	names     [][]byte // of columns, as JSON with the colon
	buf       []byte
}

// out sends what is buffered if it is at least n bytes.
func (b *restBody) out(n int) {
	if len(b.buf) < n || len(b.buf) == 0 {
		return
	}
	_, _ = b.to.Write(b.buf) // a client that has gone shows nowhere else
	b.buf = b.buf[:0]
	if n > 0 {
		b.reply.flush()
	}
}

// write writes everything and reports whether it came to the end. What is
// buffered is lost otherwise.
func (b *restBody) write(res *result, blockRows int) bool {
	b.head()
	var rows int64
	for {
		res.mu.Lock()
		err := res.fill(blockRows)
		var blk *block.Block
		if err == nil && res.b.Rows() > 0 {
			blk, err = res.b.Block()
		}
		res.mu.Unlock()
		if err != nil || blk == nil {
			break
		}
		for i := range blk.Rows {
			if rows > 0 {
				b.buf = append(b.buf, ',')
			}
			if !b.row(blk, i) {
				return false
			}
			rows++
			b.out(restFlush)
		}
	}
	b.buf = append(b.buf, `],"rows":`...)
	b.buf = strconv.AppendInt(b.buf, rows, 10)
	if b.params.timing {
		b.buf = append(b.buf, `,"timing":`...)
		b.buf = strconv.AppendInt(b.buf, int64(time.Since(b.reply.began)), 10)
	}
	b.buf = append(b.buf, '}')
	return true
}

func (b *restBody) head() {
	b.buf = append(b.buf, `{"code":0,"column_meta":[`...)
	for i, f := range b.fields {
		if i > 0 {
			b.buf = append(b.buf, ',')
		}
		name := appendText(nil, f.Name)
		b.names = append(b.names, append(name, ':'))
		b.buf = append(b.buf, '[')
		b.buf = append(b.buf, name...)
		b.buf = append(b.buf, `,"`+f.TypeName()+`",`...)
		b.buf = strconv.AppendInt(b.buf, int64(f.Bytes), 10)
		b.buf = append(b.buf, ']')
	}
	b.buf = append(b.buf, `],"data":[`...)
}

// row writes a row; it is false if a value has no JSON.
func (b *restBody) row(blk *block.Block, i int) bool {
	opening, closing := byte('['), byte(']')
	if b.params.withMeta {
		opening, closing = '{', '}'
	}
	b.buf = append(b.buf, opening)
	for k := range blk.Columns {
		if k > 0 {
			b.buf = append(b.buf, ',')
		}
		if b.params.withMeta {
			b.buf = append(b.buf, b.names[k]...)
		}
		if !b.value(b.fields[k].Type, blk.Columns[k].Value(i)) {
			return false
		}
	}
	b.buf = append(b.buf, closing)
	return true
}

func (b *restBody) value(t block.Type, v any) bool {
	switch v := v.(type) {
	case nil:
		b.buf = append(b.buf, "null"...)
	case bool:
		b.buf = strconv.AppendBool(b.buf, v)
	case int64:
		b.buf = strconv.AppendInt(b.buf, v, 10)
	case uint64:
		b.buf = strconv.AppendUint(b.buf, v, 10)
	case float32:
		return b.float(float64(v), 32)
	case float64:
		return b.float(v, 64)
	case string:
		b.buf = appendText(b.buf, v)
	case []byte:
		if t == block.JSON {
			b.buf = append(b.buf, v...)
			break
		}
		b.buf = append(b.buf, '"')
		b.buf = hex.AppendEncode(b.buf, v)
		b.buf = append(b.buf, '"')
	case time.Time:
		b.buf = append(b.buf, '"')
		layout := "2006-01-02T15:04:05." + "000000000"[:b.precision.Digits()] + "Z07:00"
		b.buf = v.In(b.params.output).AppendFormat(b.buf, layout)
		b.buf = append(b.buf, '"')
	}
	return true
}

// float writes a number the way encoding/json does.
func (b *restBody) float(v float64, bits int) bool {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return false
	}
	var data []byte
	if bits == 32 {
		data, _ = json.Marshal(float32(v))
	} else {
		data, _ = json.Marshal(v)
	}
	b.buf = append(b.buf, data...)
	return true
}

// appendText writes a JSON string that is not escaped for HTML.
func appendText(dst []byte, text string) []byte {
	var w bytes.Buffer
	enc := json.NewEncoder(&w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a bytes.Buffer takes everything
	return append(dst, bytes.TrimSuffix(w.Bytes(), []byte("\n"))...)
}
