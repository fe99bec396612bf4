package wire

import "strings"

// EncodingParameter is the parameter by which a server reports in what encoding it
// sends and takes texts.
const EncodingParameter = "client_encoding"

// IsUTF8 reports whether an encoding, by a name that servers have for it, is UTF-8,
// in which Go's texts are.
func IsUTF8(encoding string) bool {
	switch strings.ToUpper(encoding) {
	case "UTF8", "UTF-8", "UNICODE":
		return true
	}
	return false
}
