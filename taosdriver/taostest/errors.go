package taostest

import "errors"

// codeError is an error with one of TDengine's codes, cut to 16 bits.
type codeError struct {
	code int
	text string
}

func (e *codeError) Error() string { return e.text }

// Code returns the error's number.
func (e *codeError) Code() int { return e.code }

// adapterCode marks refusals that taosAdapter makes itself.
const adapterCode = 0xffff

// The errors that the server makes itself, with the texts of taosAdapter
// 3.3.7.5 where they were recorded.
var (
	errNotConnected   = &codeError{adapterCode, "server not connected"}
	errDuplicateLogin = &codeError{adapterCode, "duplicate connections"}
	errNoResult       = &codeError{adapterCode, "result is nil"}
	errNoStmt         = &codeError{adapterCode, "stmt is nil"}
	errNoStmt2        = &codeError{adapterCode, "stmt2 is nil"}
	errBadPassword    = &codeError{0x0357, "Authentication failure"}
	errNoUser         = &codeError{0x0351, "Invalid user"}
	errEmptyUser      = &codeError{0x0207, "Invalid user name"}
	errNoDatabase     = &codeError{0x0388, "Database not exist"}
	errEmptySQL       = &codeError{0x2601, "Incomplete SQL statement"}
	errLongSQL        = &codeError{0x0219, "SQL statement too long"}
	errKilled         = &codeError{0x022d, "Query killed"}
	errQueryID        = &codeError{0x030c, "Invalid query id"}
	errConnID         = &codeError{0x030e, "Invalid connection id"}
)

// maxSQL is the number of bytes of the longest statement that is taken.
const maxSQL = 1 << 20

// texts of the errors a login can end with, for [RefuseLogin].
var loginTexts = map[int]string{
	0x0134: "IP not in whitelist",
	0x0207: "Invalid user name",
	0x0303: "Insufficient privilege for operation",
	0x0315: "User is disabled",
	0x0351: "Invalid user",
	0x0357: "Authentication failure",
	0x0388: "Database not exist",
}

// codeOf returns the number and text that an error has on the wire: those of
// the first error in the chain that has a Code method, otherwise 0xffff and
// the whole text.
func codeOf(err error) (int, string) {
	if err == nil {
		return 0, ""
	}
	var coded interface {
		error
		Code() int
	}
	if errors.As(err, &coded) {
		return coded.Code() & 0xffff, coded.Error()
	}
	return adapterCode, err.Error()
}
