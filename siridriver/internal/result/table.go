package result

import "github.com/gaugesql/gaugesql/siridriver/internal/qpack"

// Table is every answer but that to a select: columns and rows. A count, an
// expression, a message is a table of one cell.
type Table struct {
	// Name is what the rows are: "series", "users" of a list; else "".
	Name    string
	Columns []string
	// Types of the columns, judged by their first value; Kinds are Int, Float,
	// Raw, Bool, and Null for a column without values.
	Kinds []qpack.Kind
	// Rows is the number of rows.
	Rows int
	// Timeit holds the durations that timeit asked for; nil without it.
	Timeit []Timing

	cells []any
}

// Row returns the cells of row i: int64, float64, string, bool or nil.
func (t *Table) Row(i int) []any {
	n := len(t.Columns)
	return t.cells[i*n : (i+1)*n : (i+1)*n]
}

// ParseTable reads the data of the answer to a list, count, show, help or any
// other statement but select, and tells by its keys what it is.
func ParseTable(data []byte) (*Table, error) {
	t := new(Table)
	d := qpack.NewDecoder(data)
	for s := d.Map(); s.Next(d); {
		key := d.String()
		if !s.Next(d) {
			break
		}
		if err := t.part(d, key); err != nil {
			return nil, err
		}
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	if t.Columns == nil && t.Timeit == nil {
		return nil, shape("an empty map")
	}
	t.judge()
	return t, nil
}

// part reads the value of one key of the answer.
func (t *Table) part(d *qpack.Decoder, key string) error {
	switch kind := d.Kind(); {
	case key == TimeitKey && kind == qpack.Array:
		t.Timeit = readTimeit(d)
	case key == "columns" && kind == qpack.Array:
		t.Columns = []string{}
		for s := d.Array(); s.Next(d); {
			t.Columns = append(t.Columns, d.String())
		}
	case kind == qpack.Array && t.Columns != nil && t.Name == "":
		t.Name = key
		return t.readRows(d)
	case kind == qpack.Array && t.Columns == nil && key == "data":
		t.Columns = []string{"name", "value"}
		t.readPairs(d)
	case t.Columns == nil && kind != qpack.Array && kind != qpack.Map:
		t.Columns = []string{key}
		t.cells = append(t.cells, scalar(d))
		t.Rows = 1
	default:
		return shape("key %.40q with %s", key, kind)
	}
	return nil
}

func (t *Table) readRows(d *qpack.Decoder) error {
	for rows := d.Array(); rows.Next(d); {
		n := 0
		for row := d.Array(); row.Next(d); n++ {
			t.cells = append(t.cells, scalar(d))
		}
		if d.Err() == nil && n != len(t.Columns) {
			return shape("a row of %d cells under %d columns", n, len(t.Columns))
		}
		if n > 0 { // rows of no columns are no rows, however many there are
			t.Rows++
		}
	}
	return nil
}

// readPairs reads the maps of name and value that show answers with.
func (t *Table) readPairs(d *qpack.Decoder) {
	for list := d.Array(); list.Next(d); {
		var name, value any
		for m := d.Map(); m.Next(d); {
			key := d.Raw()
			if !m.Next(d) {
				break
			}
			switch string(key) {
			case "name":
				name = scalar(d)
			case "value":
				value = scalar(d)
			default:
				d.Skip()
			}
		}
		t.cells = append(t.cells, name, value)
		t.Rows++
	}
}

func scalar(d *qpack.Decoder) any {
	switch k := d.Kind(); k {
	case qpack.Int:
		return d.Int()
	case qpack.Float:
		return d.Float()
	case qpack.Raw:
		return d.String()
	case qpack.Bool:
		return d.Bool()
	case qpack.Null:
		d.Null()
	default:
		d.Fail("%s in a cell", k)
	}
	return nil
}

// judge finds the kinds of the columns; one with values of several kinds is Bad.
func (t *Table) judge() {
	t.Kinds = make([]qpack.Kind, len(t.Columns))
	for c := range t.Kinds {
		t.Kinds[c] = qpack.Null
		for r := range t.Rows {
			k := kindOf(t.Row(r)[c])
			if k == qpack.Null || k == t.Kinds[c] {
				continue
			}
			if t.Kinds[c] != qpack.Null {
				t.Kinds[c] = qpack.Bad
				break
			}
			t.Kinds[c] = k
		}
	}
}

func kindOf(v any) qpack.Kind {
	switch v.(type) {
	case int64:
		return qpack.Int
	case float64:
		return qpack.Float
	case string:
		return qpack.Raw
	case bool:
		return qpack.Bool
	}
	return qpack.Null
}
