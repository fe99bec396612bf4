package wire

import (
	"strings"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

// The keys of messages.
const (
	SuccessKey = "success_msg"
	ErrorKey   = "error_msg"
)

// AppendMessage appends the data of a message as the server writes it: a map
// that is never closed.
func AppendMessage(dst []byte, key, text string) []byte {
	dst = qpack.OpenMap(dst)
	dst = qpack.AppendRaw(dst, key)
	return qpack.AppendRaw(dst, text)
}

// Message returns the text of the first pair of a message, whatever its key.
// Empty data and data that is no message give "".
func Message(data []byte) string {
	d := qpack.NewDecoder(data)
	s := d.Map()
	if !s.Next(d) {
		return ""
	}
	d.Raw()
	if !s.Next(d) || d.Kind() != qpack.Raw {
		return ""
	}
	text := d.String()
	if d.Err() != nil {
		return ""
	}
	return text
}

// Affected returns the number in a success message: of points inserted, of
// series dropped, tagged or untagged, of shards dropped. Other messages,
// including those whose number is not a count of anything ("changed list limit
// from 10 to 20") or stands behind a name that users choose, count as 0.
func Affected(message string) int64 {
	rest, ok := strings.CutPrefix(message, "Successfully ")
	if !ok {
		return 0
	}
	verb, rest, _ := strings.Cut(rest, " ")
	switch verb {
	case "inserted", "dropped", "tagged", "untagged":
	default:
		return 0
	}
	digits, _, _ := strings.Cut(rest, " ")
	var n int64
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' || n > 1<<59 {
			return 0
		}
		n = 10*n + int64(c-'0')
	}
	return n
}

// Transient reports whether the text of an ErrQuery or ErrInsert response says
// that another server of the cluster failed in the middle: part of the request
// may have been carried out.
func Transient(message string) bool {
	return strings.HasPrefix(message, "Error occurred while sending ") ||
		strings.HasPrefix(message, "Critical error occurred on ")
}
