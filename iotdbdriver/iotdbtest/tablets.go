package iotdbtest

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tablet"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest/internal/store"
)

// failed is how the server tells of a request that its code throws on.
func failed(call, why string) *rpc.Status {
	no := false
	return &rpc.Status{Code: store.CodeExecute, NeedRetry: &no, Message: "[EXECUTE_STATEMENT_ERROR(301)] Exception occurred: " + call + " failed. " + why}
}

// notAPath is what a table's name is for calls of the tree model.
const notAPath = "An error occurred when executing getDeviceToDatabase():root is not a legal path, because it is no longer than default sg level: 1"

// frame is a tablet as it comes.
type frame struct {
	path         string
	measurements []string
	values       []byte
	times        []byte
	types        []int32
	size         int32
	categories   []int8
	aligned      bool
}

// tablet reads a tablet; a status tells why it cannot.
func (f *frame) tablet(call string, table bool) (store.Tablet, *rpc.Status) {
	t := store.Tablet{Table: f.path, Aligned: f.aligned}
	if table && len(f.categories) != len(f.measurements) {
		return t, failed(call, "Missing or invalid column categories for table insertion")
	}
	if len(f.types) != len(f.measurements) || f.size < 0 {
		return t, failed(call, "null")
	}
	for i, name := range f.measurements {
		c := &tablet.Column{Name: name, Type: datatype.Type(f.types[i]), Category: tablet.Field}
		if f.types[i] < 0 || f.types[i] > 255 || !c.Type.Column() {
			return t, failed(call, fmt.Sprintf("Unsupported dataType: data type %s is not supported when convert data at client", c.Type))
		}
		if table {
			if f.categories[i] < 0 || f.categories[i] > 2 {
				return t, failed(call, "Missing or invalid column categories for table insertion")
			}
			c.Category = tablet.Category(f.categories[i])
		}
		t.Columns = append(t.Columns, c)
	}
	times, err := tablet.DecodeTimes(f.times)
	if err != nil || len(times) < int(f.size) {
		return t, failed(call, "null")
	}
	t.Times = times[:f.size]
	if tablet.Decode(f.values, int(f.size), t.Columns) != nil {
		return t, failed(call, "null")
	}
	return t, nil
}

// write inserts tablets and makes one status of theirs.
func (s *session) write(action string, list ...store.Tablet) rpc.Struct {
	var parts []rpc.Status
	bad := false
	for _, t := range list {
		status := s.insert(action, t)
		if len(list) == 1 {
			return status
		}
		bad = bad || status.Code != codeSuccess
		parts = append(parts, *status)
	}
	if bad {
		return &rpc.Status{Code: codeMultiple, SubStatus: parts}
	}
	return &rpc.Status{Code: codeSuccess}
}

func yes(b *bool) bool { return b != nil && *b }

func insertTablet(m *rpc.Message) (request, error) {
	var a rpc.TabletRequest
	err := m.Decode(rpc.Arguments(&a))
	return request{action: "tablet", sql: a.PrefixPath, refuse: plain, run: func(s *session) rpc.Struct {
		if s.db == nil {
			return &notLogged
		}
		if a.Size == 0 {
			s.lastRows = 0
			return &rpc.Status{Code: codeSuccess}
		}
		if !yes(a.WriteToTable) && !s.tree() {
			return failed(m.Name, notAPath)
		}
		if yes(a.WriteToTable) && s.tree() {
			return &rpc.Status{Code: store.CodeSemantic, Message: "database is not specified"}
		}
		f := frame{a.PrefixPath, a.Measurements, a.Values, a.Timestamps, a.Types, a.Size, a.Categories, yes(a.Aligned)}
		t, status := f.tablet(m.Name, yes(a.WriteToTable))
		if status != nil {
			return status
		}
		return s.write("tablet", t)
	}}, err
}

func insertTablets(m *rpc.Message) (request, error) {
	var a rpc.TabletsRequest
	err := m.Decode(rpc.Arguments(&a))
	n := len(a.PrefixPaths)
	if err == nil && (len(a.Measurements) != n || len(a.Values) != n || len(a.Timestamps) != n || len(a.Types) != n || len(a.Sizes) != n) {
		err = errors.New("lists of different lengths")
	}
	return request{action: "tablet", sql: first(a.PrefixPaths), refuse: plain, run: func(s *session) rpc.Struct {
		if !s.tree() {
			return s.notTree(m.Name)
		}
		var list []store.Tablet
		for i, path := range a.PrefixPaths {
			f := frame{path, a.Measurements[i], a.Values[i], a.Timestamps[i], a.Types[i], a.Sizes[i], nil, yes(a.Aligned)}
			t, status := f.tablet(m.Name, false)
			if status != nil {
				return status
			}
			list = append(list, t)
		}
		return s.write("tablet", list...)
	}}, err
}

func (s *session) notTree(call string) rpc.Struct {
	if s.db == nil {
		return &notLogged
	}
	return failed(call, notAPath)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// recordOf makes a tablet of a record. NULLs are left out.
func recordOf(path string, measurements []string, values []byte, ts int64, categories []int8) (store.Tablet, error) {
	t := store.Tablet{Table: path, Times: []int64{ts}}
	list, err := tablet.DecodeRecord(values, len(measurements))
	if err != nil {
		return t, err
	}
	for i, v := range list {
		if v.Type == datatype.Unknown {
			continue
		}
		c := &tablet.Column{Name: measurements[i], Type: v.Type, Category: tablet.Field}
		if categories != nil && i < len(categories) {
			c.Category = tablet.Category(categories[i])
		}
		if v.Type == datatype.Date { // days are taken as they come
			c.Type = datatype.Int32
		}
		if err := c.Append(v.Value); err != nil {
			return t, err
		}
		c.Type = v.Type
		t.Columns = append(t.Columns, c)
	}
	return t, nil
}

func insertRecord(m *rpc.Message) (request, error) {
	var a rpc.RecordRequest
	err := m.Decode(rpc.Arguments(&a))
	return request{action: "record", sql: a.PrefixPath, refuse: plain, run: func(s *session) rpc.Struct {
		if s.db == nil {
			return &notLogged
		}
		if !yes(a.WriteToTable) && !s.tree() {
			return failed(m.Name, notAPath)
		}
		t, err := recordOf(a.PrefixPath, a.Measurements, a.Values, a.Timestamp, a.Categories)
		if err != nil {
			return failed(m.Name, "null")
		}
		t.Aligned = yes(a.Aligned)
		return s.write("record", t)
	}}, err
}

func insertRecords(m *rpc.Message) (request, error) {
	var a rpc.RecordsRequest
	err := m.Decode(rpc.Arguments(&a))
	return request{action: "record", sql: first(a.PrefixPaths), refuse: plain, run: func(s *session) rpc.Struct {
		return s.records(m.Name, len(a.PrefixPaths), func(i int) string { return a.PrefixPaths[i] }, a.Measurements, a.Values, a.Timestamps, yes(a.Aligned))
	}}, err
}

func insertRecordsOfOneDevice(m *rpc.Message) (request, error) {
	var a rpc.DeviceRecordsRequest
	err := m.Decode(rpc.Arguments(&a))
	return request{action: "record", sql: a.PrefixPath, refuse: plain, run: func(s *session) rpc.Struct {
		return s.records(m.Name, len(a.Timestamps), func(int) string { return a.PrefixPath }, a.Measurements, a.Values, a.Timestamps, yes(a.Aligned))
	}}, err
}

func (s *session) records(call string, n int, path func(int) string, measurements [][]string, values [][]byte, times []int64, aligned bool) rpc.Struct {
	if !s.tree() {
		return s.notTree(call)
	}
	if len(measurements) != n || len(values) != n || len(times) != n {
		return failed(call, "null")
	}
	var list []store.Tablet
	for i := range n {
		t, err := recordOf(path(i), measurements[i], values[i], times[i], nil)
		if err != nil {
			return failed(call, "null")
		}
		t.Aligned = aligned
		list = append(list, t)
	}
	return s.write("record", list...)
}

// decodeParameters reads the values of a prepared statement: their number, and for each
// its type and value. UNKNOWN is NULL.
func decodeParameters(data []byte) ([]any, error) {
	if len(data) == 0 {
		return nil, nil
	}
	if len(data) < 4 {
		return nil, errors.New("parameters end early")
	}
	n := binary.BigEndian.Uint32(data)
	data = data[4:]
	if int64(n) > int64(len(data)) {
		return nil, fmt.Errorf("%d parameters in %d bytes", n, len(data))
	}
	args := make([]any, n)
	for i := range args {
		if len(data) == 0 {
			return nil, errors.New("parameters end early")
		}
		size := 1
		switch t := datatype.Type(data[0]); {
		case t == datatype.Unknown:
			data = data[1:]
			continue
		case t.Binary():
			if len(data) < 5 || uint64(binary.BigEndian.Uint32(data[1:])) > uint64(len(data)-5) {
				return nil, errors.New("parameters end early")
			}
			size += 4 + int(binary.BigEndian.Uint32(data[1:]))
		default:
			size += t.Width()
		}
		if size > len(data) {
			return nil, errors.New("parameters end early")
		}
		v, err := tablet.DecodeRecord(data[:size], 1)
		if err != nil {
			return nil, err
		}
		args[i], data = v[0].Value, data[size:]
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("%d bytes after the parameters", len(data))
	}
	return args, nil
}
