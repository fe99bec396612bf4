package rest

import (
	"errors"
	"math"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// header reads up to the opening bracket of the data.
func (d *Decoder) header() error {
	c, err := d.s.peek()
	switch {
	case errors.Is(err, ErrTruncated) && d.s.off+int64(d.s.pos) == 0:
		return d.s.fail(ErrEmpty, "")
	case err != nil:
		return err
	case c == '"': // refused by a limiter
		text, err := d.text()
		if err != nil {
			return err
		}
		return &ServerError{Message: text}
	case c != '{':
		return d.s.fail(ErrSyntax, "%q instead of a JSON object", c)
	}
	d.s.pos++
	failed := ServerError{}
	err = d.members(true, func(key string) (stop bool, err error) {
		switch key {
		case "code":
			code, err := d.integer(key)
			failed.Code = int(code & 0xffff)
			return false, err
		case "desc":
			failed.Message, err = d.text()
			return false, err
		case "column_meta":
			return false, d.meta()
		case "data":
			return true, nil
		}
		_, err = d.s.raw()
		return false, err
	})
	switch {
	case failed.Code != 0 && err == nil:
		return &failed
	case err == errMembersEnd:
		if failed.Code != 0 {
			return &failed
		}
		return d.s.fail(ErrSyntax, "neither data nor an error")
	case err != nil:
		return err
	case d.fields == nil:
		return d.s.fail(ErrSyntax, "data before column_meta")
	}
	return d.s.expect('[')
}

// errMembersEnd is the closing brace of an object.
var errMembersEnd = errors.New("no more members")

// members reads the members of an object whose opening brace is taken, from the
// first or a later one, until value says stop; value takes the member's value. It
// returns errMembersEnd at the closing brace.
func (d *Decoder) members(first bool, value func(key string) (stop bool, err error)) error {
	for ; ; first = false {
		c, err := d.s.peek()
		if err != nil {
			return err
		}
		if c == '}' {
			d.s.pos++
			return errMembersEnd
		}
		if !first {
			if err := d.s.expect(','); err != nil {
				return err
			}
			if _, err := d.s.peek(); err != nil {
				return err
			}
		}
		key, err := d.text()
		if err != nil {
			return err
		}
		if err := d.s.expect(':'); err != nil {
			return err
		}
		if stop, err := value(key); stop || err != nil {
			return err
		}
	}
}

// meta reads column_meta: [["ts","TIMESTAMP",8],...].
func (d *Decoder) meta() error {
	if d.fields != nil {
		return d.s.fail(ErrSyntax, "column_meta twice")
	}
	d.fields = []block.Field{}
	err := d.elements(func() error {
		if len(d.fields) == maxColumns {
			return d.s.fail(ErrTooLarge, "more than %d columns", maxColumns)
		}
		return d.field()
	})
	if err != nil {
		return err
	}
	if len(d.fields) == 0 {
		return d.s.fail(ErrSyntax, "no columns")
	}
	if f := &d.fields[0]; d.opts.Update && len(d.fields) == 1 && f.Name == "affected_rows" {
		f.Type, f.Bytes = block.BigInt, 8
	}
	d.builder = block.NewBuilder(d.fields, block.Milli, d.opts.Location)
	d.columns = make([]column, len(d.fields))
	for i, f := range d.fields {
		d.columns[i] = column{builder: d.builder.Column(i), read: reader(f.Type)}
	}
	return nil
}

// field reads one column of column_meta.
func (d *Decoder) field() error {
	var f block.Field
	if err := d.s.expect('['); err != nil {
		return err
	}
	var err error
	if f.Name, err = d.text(); err != nil {
		return err
	}
	if err := d.s.expect(','); err != nil {
		return err
	}
	name, err := d.text()
	if err != nil {
		return err
	}
	if f.Type, f.Precision, f.Scale, err = block.ParseType(name); err != nil {
		return d.s.fail(ErrSyntax, "%v", err)
	}
	if err := d.s.expect(','); err != nil {
		return err
	}
	length, err := d.integer("length")
	if err != nil {
		return err
	}
	if length < 0 || length > math.MaxInt32 {
		return d.s.fail(ErrSyntax, "a column of %d bytes", length)
	}
	f.Bytes = int32(length)
	d.fields = append(d.fields, f)
	return d.s.expect(']')
}

// elements reads an array; element takes each one.
func (d *Decoder) elements(element func() error) error {
	if err := d.s.expect('['); err != nil {
		return err
	}
	for first := true; ; first = false {
		end, err := d.next(first)
		if end || err != nil {
			return err
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// next stands before an element of an array or behind its last one.
func (d *Decoder) next(first bool) (end bool, err error) {
	c, err := d.s.peek()
	switch {
	case err != nil:
		return false, err
	case c == ']':
		d.s.pos++
		return true, nil
	case first:
		return false, nil
	}
	if err := d.s.expect(','); err != nil {
		return false, err
	}
	c, err = d.s.peek()
	if err == nil && c == ']' {
		err = d.s.fail(ErrSyntax, "a comma at the end")
	}
	return false, err
}
