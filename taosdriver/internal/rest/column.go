package rest

import "github.com/gaugesql/gaugesql/taosdriver/internal/block"

// column is where the cells of a column go and the function that reads one,
// chosen when the header arrives.
type column struct {
	builder *block.ColumnBuilder
	read    func(d *Decoder, c *block.ColumnBuilder) error
}

// row reads one row.
func (d *Decoder) row() error {
	if err := d.s.expect('['); err != nil {
		return err
	}
	for i := range d.columns {
		if i > 0 {
			if err := d.s.expect(','); err != nil {
				return err
			}
		}
		first, err := d.s.peek()
		if err != nil {
			return err
		}
		c := &d.columns[i]
		if first == 'n' {
			err = d.null(c.builder)
		} else {
			err = c.read(d, c.builder)
		}
		if err != nil {
			return err
		}
	}
	return d.s.expect(']')
}

// reader returns the function that reads values of a type.
func reader(t block.Type) func(*Decoder, *block.ColumnBuilder) error {
	switch t {
	case block.Bool:
		return (*Decoder).bool
	case block.TinyInt, block.SmallInt, block.Int, block.BigInt:
		return (*Decoder).signed
	case block.UTinyInt, block.USmallInt, block.UInt, block.UBigInt:
		return (*Decoder).unsigned
	case block.Float:
		return (*Decoder).float32
	case block.Double:
		return (*Decoder).float64
	case block.Timestamp:
		return (*Decoder).time
	case block.VarChar, block.NChar, block.Decimal64, block.Decimal128:
		return (*Decoder).string
	case block.VarBinary, block.Geometry, block.Blob, block.MediumBlob:
		return (*Decoder).bytes
	case block.JSON:
		return (*Decoder).json
	default:
		return func(d *Decoder, c *block.ColumnBuilder) error {
			return d.bad(c, nil, "a value")
		}
	}
}

// bad is the error of a value that its column cannot have.
func (d *Decoder) bad(c *block.ColumnBuilder, value []byte, problem string) error {
	return d.s.fail(ErrSyntax, "column %q of type %s: %.40q: %s", c.Field().Name, c.Field().TypeName(), value, problem)
}

// appended turns the error of a builder into one of the body.
func (d *Decoder) appended(err error, c *block.ColumnBuilder) error {
	if err != nil {
		return d.s.fail(ErrSyntax, "column %q: %v", c.Field().Name, err)
	}
	return nil
}

func (d *Decoder) null(c *block.ColumnBuilder) error {
	b, err := d.s.bare()
	if err != nil {
		return err
	}
	if string(b) != "null" {
		return d.bad(c, b, "not null")
	}
	c.AppendNull()
	return nil
}

func (d *Decoder) bool(c *block.ColumnBuilder) error {
	b, err := d.s.bare()
	if err != nil {
		return err
	}
	switch string(b) {
	case "true", "1":
		return d.appended(c.AppendBool(true), c)
	case "false", "0":
		return d.appended(c.AppendBool(false), c)
	}
	return d.bad(c, b, "not a boolean")
}

func (d *Decoder) signed(c *block.ColumnBuilder) error {
	b, err := d.s.bare()
	if err != nil {
		return err
	}
	v, ok := parseInt(b)
	if !ok {
		return d.bad(c, b, "not an integer of 64 bits")
	}
	return d.appended(c.AppendInt64(v), c)
}

func (d *Decoder) unsigned(c *block.ColumnBuilder) error {
	b, err := d.s.bare()
	if err != nil {
		return err
	}
	v, ok := parseUint(b)
	if !ok {
		return d.bad(c, b, "not an unsigned integer of 64 bits")
	}
	return d.appended(c.AppendUint64(v), c)
}

func (d *Decoder) float32(c *block.ColumnBuilder) error { return d.float(c, 32) }

func (d *Decoder) float64(c *block.ColumnBuilder) error { return d.float(c, 64) }

func (d *Decoder) float(c *block.ColumnBuilder, bits int) error {
	b, err := d.s.bare()
	if err != nil {
		return err
	}
	v, ok := parseFloat(b, bits)
	if !ok {
		return d.bad(c, b, "not a number of the type's range")
	}
	return d.appended(c.AppendFloat64(v), c)
}

func (d *Decoder) time(c *block.ColumnBuilder) error {
	b, err := d.unquoted()
	if err != nil {
		return err
	}
	t, ok := parseTimestamp(b)
	if !ok {
		return d.bad(c, b, "not a time")
	}
	if !d.settled {
		d.precision, d.settled = t.precision, true
	}
	if t.precision != d.precision {
		return d.bad(c, b, "a time of another precision")
	}
	t.correct(d.opts.Zone)
	v, ok := t.unix()
	if !ok {
		return d.bad(c, b, "a time out of range")
	}
	return d.appended(c.AppendTime(v), c)
}

func (d *Decoder) string(c *block.ColumnBuilder) error {
	b, err := d.unquoted()
	if err != nil {
		return err
	}
	return d.appended(c.AppendBytes(b), c)
}

func (d *Decoder) bytes(c *block.ColumnBuilder) error {
	b, err := d.unquoted()
	if err != nil {
		return err
	}
	var ok bool
	if d.scratch, ok = appendHex(d.scratch[:0], b); !ok {
		return d.bad(c, b, "not hexadecimal")
	}
	return d.appended(c.AppendBytes(d.scratch), c)
}

func (d *Decoder) json(c *block.ColumnBuilder) error {
	b, err := d.s.raw()
	if err != nil {
		return err
	}
	return d.appended(c.AppendBytes(b), c)
}
