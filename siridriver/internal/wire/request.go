package wire

import (
	"fmt"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

// AppendAuth appends the data of a login.
func AppendAuth(dst []byte, user, password, database string) []byte {
	dst = qpack.AppendArray(dst, 3)
	dst = qpack.AppendRaw(dst, user)
	dst = qpack.AppendRaw(dst, password)
	return qpack.AppendRaw(dst, database)
}

// ParseAuth reads the data of a login. An error means that the server would
// never answer.
func ParseAuth(data []byte) (user, password, database string, err error) {
	d := qpack.NewDecoder(data)
	fields := [3]*string{&user, &password, &database}
	s := d.Array()
	for i := 0; s.Next(d); i++ {
		if i < len(fields) {
			*fields[i] = cString(d.Raw())
		} else {
			d.Skip()
		}
	}
	if d.Err() == nil && database == "" {
		d.Fail("a login of fewer than three fields")
	}
	return user, password, database, d.Err()
}

// cString cuts at the first NUL, where the server stops reading.
func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// AppendQuery appends the data of a query that asks for times in the database's
// own precision: the only one that the server converts without loss.
func AppendQuery(dst []byte, query string) []byte {
	dst = qpack.AppendArray(dst, 2)
	dst = qpack.AppendRaw(dst, query)
	return qpack.AppendNull(dst)
}

// ParseQuery reads the data of a query. Precision is -1 for the database's own.
// An error means that the server would never answer.
func ParseQuery(data []byte) (query string, precision int, err error) {
	d := qpack.NewDecoder(data)
	s := d.Array()
	if !s.Next(d) {
		d.Fail("a query without text")
	}
	query, precision = cString(d.Raw()), -1
	if d.Err() == nil && s.Next(d) && d.Kind() == qpack.Int {
		if n := d.Int(); n >= 0 {
			precision = int(n & 3)
		}
	}
	return query, precision, d.Err()
}

// ServiceRequest is a request of the service account, which manages a server's
// databases and accounts.
type ServiceRequest int64

// The requests of the service account.
const (
	NewAccount     ServiceRequest = 0
	ChangePassword ServiceRequest = 1
	DropAccount    ServiceRequest = 2
	NewDatabase    ServiceRequest = 3
	NewPool        ServiceRequest = 4
	NewReplica     ServiceRequest = 5
	DropDatabase   ServiceRequest = 6
	GetVersion     ServiceRequest = 64
	GetAccounts    ServiceRequest = 65
	GetDatabases   ServiceRequest = 66
)

// AppendService appends the data of a service request; no options are nil.
func AppendService(dst []byte, account, password string, request ServiceRequest, options qpack.Pairs) ([]byte, error) {
	n := 3
	if options != nil {
		n = 4
	}
	dst = qpack.AppendArray(dst, n)
	dst = qpack.AppendRaw(dst, account)
	dst = qpack.AppendRaw(dst, password)
	dst = qpack.AppendInt(dst, int64(request))
	if options == nil {
		return dst, nil
	}
	return qpack.AppendValue(dst, options)
}

// ParseService reads the data of a service request.
func ParseService(data []byte) (account, password string, request ServiceRequest, options qpack.Pairs, err error) {
	value, err := qpack.Decode(data)
	if err != nil {
		return "", "", 0, nil, err
	}
	fields, _ := value.([]any)
	if len(fields) < 3 {
		return "", "", 0, nil, fmt.Errorf("%w: a service request of %d fields", qpack.ErrMalformed, len(fields))
	}
	account, ok1 := fields[0].(string)
	password, ok2 := fields[1].(string)
	number, ok3 := fields[2].(int64)
	if !ok1 || !ok2 || !ok3 {
		return "", "", 0, nil, fmt.Errorf("%w: a service request with fields of other types", qpack.ErrMalformed)
	}
	if len(fields) > 3 {
		options, _ = fields[3].(qpack.Pairs)
	}
	return account, password, ServiceRequest(number), options, nil
}
