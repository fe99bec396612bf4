package store

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
)

// copyOptions are those of a COPY.
type copyOptions struct {
	csv       bool
	header    bool
	delimiter string
	null      string
	quote     string
}

// copyIn is a COPY FROM STDIN.
type copyIn struct {
	table   string
	columns []tableColumn
	options copyOptions
}

func (c *compiler) copyOptions() copyOptions {
	o := copyOptions{delimiter: "\x00", null: "\x00", quote: `"`}
	text := func() string {
		c.accept("as")
		t := c.next()
		v, ok := t.Value()
		if !ok {
			v = t.Name()
		}
		return v
	}
	on := func() bool { return c.accept("true") || c.accept("on") || !c.accept("false") && !c.accept("off") }
	for !c.done() {
		switch {
		case c.accept("with"), c.acceptOp("("), c.acceptOp(")"), c.acceptOp(","):
		case c.accept("format"):
			switch format := strings.ToLower(text()); format {
			case "csv":
				o.csv = true
			case "text":
			default:
				raise("0A000", "the embedded store copies in the formats text and csv")
			}
		case c.accept("csv"):
			o.csv = true
		case c.accept("binary"):
			raise("0A000", "the embedded store copies in the formats text and csv")
		case c.accept("header"):
			o.header = on()
		case c.accept("delimiter"), c.accept("delimiters"):
			o.delimiter = text()
		case c.accept("null"):
			o.null = text()
		case c.accept("quote"):
			o.quote = text()
		case c.accept("encoding"), c.accept("escape"):
			text()
		default:
			c.syntax()
		}
	}
	if o.delimiter == "\x00" {
		o.delimiter = map[bool]string{true: ",", false: "\t"}[o.csv]
	}
	if o.null == "\x00" {
		o.null = map[bool]string{true: "", false: `\N`}[o.csv]
	}
	if len(o.delimiter) != 1 {
		raise("0A000", "COPY delimiter must be a single one-byte character")
	}
	return o
}

// copy runs COPY.
func (s *session) copy(ctx context.Context, w []lex.Token) (res *result, err error) {
	cat, err := s.catalog(ctx)
	if err != nil {
		return nil, err
	}
	var types []*typ
	var out query
	var options copyOptions
	err = compile(func() {
		c := newCompiler(w[1:], s, cat, &types)
		if c.acceptOp("(") {
			out = c.subquery()
			c.expectOp(")")
			c.expect("to", "stdout")
			options = c.copyOptions()
			return
		}
		table := c.table()
		all := c.target(table)
		columns := all
		if c.acceptOp("(") {
			columns = nil
			for {
				name := c.anyName()
				found := false
				for _, col := range all {
					if col.name == name {
						columns, found = append(columns, col), true
					}
				}
				if !found {
					raise("42703", "column %q of relation %q does not exist", name, table)
				}
				if !c.acceptOp(",") {
					break
				}
			}
			c.expectOp(")")
		}
		if c.accept("from", "stdin") {
			res = &result{copyIn: &copyIn{table, columns, c.copyOptions()}}
			return
		}
		c.expect("to", "stdout")
		options = c.copyOptions()
		var names []string
		for _, col := range columns {
			names = append(names, quote(col.name))
			out.columns = append(out.columns, col.column)
		}
		out.sql = "SELECT " + strings.Join(names, ", ") + " FROM " + quote(table)
	})
	if err != nil || res != nil {
		return res, err
	}
	conn, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := conn.QueryContext(ctx, out.sql)
	if err != nil {
		return nil, err
	}
	return s.sendCopy(s.stream(rows, out.columns), options), nil
}

// sendCopy answers with the rows as lines.
func (s *session) sendCopy(res *result, o copyOptions) *result {
	columns := res.columns
	s.send('H', []byte{0, byte(len(columns) >> 8), byte(len(columns))}, make([]byte, 2*len(columns)))
	if o.header {
		names := make([]string, len(columns))
		for i, col := range columns {
			names[i] = o.write(col.name)
		}
		s.send('d', []byte(strings.Join(names, o.delimiter)+"\n"))
	}
	res.copyOut = func(row []any) []byte {
		var b bytes.Buffer
		for i, v := range row {
			if i > 0 {
				b.WriteString(o.delimiter)
			}
			if v == nil {
				b.WriteString(o.null)
			} else {
				b.WriteString(o.write(columns[i].typ.text(v, s.settings)))
			}
		}
		b.WriteByte('\n')
		return b.Bytes()
	}
	next := res.next
	res.next = func() ([]any, error) {
		row, err := next()
		if err == io.EOF {
			s.send('c')
		}
		return row, err
	}
	res.columns, res.counts = nil, "COPY"
	return res
}

var escapes = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`, "\v", `\v`)

// write writes a value of a line.
func (o *copyOptions) write(text string) string {
	if !o.csv {
		text = escapes.Replace(text)
		if o.delimiter != "\t" {
			text = strings.ReplaceAll(text, o.delimiter, `\`+o.delimiter)
		}
		return text
	}
	if text == o.null || strings.ContainsAny(text, o.delimiter+o.quote+"\r\n") {
		return o.quote + strings.ReplaceAll(text, o.quote, o.quote+o.quote) + o.quote
	}
	return text
}

// receive reads the data of a COPY FROM STDIN and writes the rows.
func (s *session) receive(ctx context.Context, res *result) error {
	in := res.copyIn
	s.send('G', []byte{0, byte(len(in.columns) >> 8), byte(len(in.columns))}, make([]byte, 2*len(in.columns)))
	if err := s.w.Flush(); err != nil {
		return err
	}
	var data bytes.Buffer
	for over := false; !over; {
		m, err := message.Read(s.r)
		if err != nil {
			return err
		}
		switch m.Type {
		case 'd':
			if data.Len()+len(m.Body) > 256<<20 {
				return failf("54000", "the embedded store takes 256 MiB at once")
			}
			data.Write(m.Body)
		case 'c':
			over = true
		case 'f':
			p := message.Parser{Body: m.Body}
			return failf("57014", "COPY from stdin failed: %s", p.Text())
		case 'H', 'S': // ignored, as the server does
		case 'X':
			_ = s.pipe.Close()
			return io.ErrUnexpectedEOF
		default:
			return failf("08P01", "unexpected message type 0x%02X during COPY from stdin", m.Type)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	n, err := s.load(ctx, in, data.Bytes())
	if err != nil {
		return err
	}
	res.tag = fmt.Sprintf("COPY %d", n)
	return nil
}

func (s *session) load(ctx context.Context, in *copyIn, data []byte) (int, error) {
	lines, err := in.options.lines(data)
	if err != nil {
		return 0, err
	}
	conn, err := s.write(ctx)
	if err != nil {
		return 0, err
	}
	names, marks := make([]string, len(in.columns)), make([]string, len(in.columns))
	for i, col := range in.columns {
		names[i], marks[i] = quote(col.name), "?"
	}
	insert, err := conn.PrepareContext(ctx, "INSERT INTO "+quote(in.table)+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")")
	if err != nil {
		return 0, err
	}
	defer insert.Close()
	args := make([]any, len(in.columns))
	for n, line := range lines {
		switch {
		case len(line) < len(args):
			return 0, failf("22P04", "missing data for column %q", in.columns[len(line)].name)
		case len(line) > len(args):
			return 0, failf("22P04", "extra data after last expected column")
		}
		for i, col := range in.columns {
			args[i] = nil
			if line[i] == nil {
				continue
			}
			v, err := col.typ.parse(*line[i], s.settings.zone())
			if err == nil {
				v, err = col.typ.fit(v, col.mod)
			}
			if err != nil {
				return 0, failf(explain(err).State, "%s (line %d, column %s)", explain(err).Text, n+1, col.name)
			}
			args[i] = v
		}
		if _, err := insert.ExecContext(ctx, args...); err != nil {
			return 0, err
		}
	}
	return len(lines), nil
}

// lines cuts the data into rows; nil stands for NULL.
func (o *copyOptions) lines(data []byte) ([][]*string, error) {
	if o.csv {
		return o.csvLines(data)
	}
	var rows [][]*string
	skip := o.header
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		line = bytes.TrimSuffix(line, []byte("\r"))
		if string(line) == `\.` {
			break
		}
		if skip {
			skip = false
			continue
		}
		var row []*string
		for _, field := range splitEscaped(string(line), o.delimiter[0]) {
			if field == o.null {
				row = append(row, nil)
				continue
			}
			text := unescapeCopy(field)
			row = append(row, &text)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func splitEscaped(line string, delimiter byte) []string {
	var fields []string
	begin := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case delimiter:
			fields = append(fields, line[begin:i])
			begin = i + 1
		}
	}
	return append(fields, line[begin:])
}

func unescapeCopy(field string) string {
	if !strings.Contains(field, `\`) {
		return field
	}
	v, _ := lex.Token{Kind: lex.Text, Text: "E'" + strings.ReplaceAll(strings.ReplaceAll(field, "'", "''"), `\v`, `\x0b`) + "'"}.Value()
	return v
}

func (o *copyOptions) csvLines(data []byte) ([][]*string, error) {
	if o.quote != `"` {
		return nil, failf("0A000", "the embedded store knows the quote %q only", `"`)
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = rune(o.delimiter[0]), -1, false
	var rows [][]*string
	for first := true; ; first = false {
		at := r.InputOffset()
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, failf("22P04", "%v", err)
		}
		if first && o.header {
			continue
		}
		raw := string(data[at:r.InputOffset()])
		row := make([]*string, len(record))
		quoted := quotedFields(raw, o.delimiter[0], len(record))
		for i := range record {
			if record[i] != o.null || quoted[i] {
				row[i] = &record[i]
			}
		}
		rows = append(rows, row)
	}
}

// quotedFields tells which fields of a line stand in quotes: "" is no NULL.
func quotedFields(raw string, delimiter byte, n int) []bool {
	quoted := make([]bool, n)
	inside := false
	for i, field := 0, 0; i < len(raw) && field < n; i++ {
		switch {
		case raw[i] == '"':
			inside = !inside
			quoted[field] = true
		case raw[i] == delimiter && !inside:
			field++
		}
	}
	return quoted
}
