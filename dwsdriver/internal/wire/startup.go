package wire

import "encoding/binary"

// FirstLength returns the length of a client's first message by its first four
// bytes, and whether it can be one.
func FirstLength(b []byte) (length int, ok bool) {
	n := binary.BigEndian.Uint32(b)
	return int(n), n >= minFirst && n <= maxStartup
}

// AppendStartup appends the first message of a session: names and values of its
// parameters in turn.
func AppendStartup(dst []byte, version uint32, params ...string) []byte {
	mark := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, version)
	for _, p := range params {
		dst = AppendString(dst, p)
	}
	return End(append(dst, 0), mark)
}

// ParseStartup reads what follows the length in a client's first message. The
// parameters, names and values in turn, are nil for a code that is no version.
func ParseStartup(body []byte) (version uint32, params []string, err error) {
	if len(body) < 4 {
		return 0, nil, ErrMalformed
	}
	version, body = binary.BigEndian.Uint32(body), body[4:]
	if version>>16 != 3 {
		return version, nil, nil
	}
	for {
		s, rest, ok := String(body)
		if !ok {
			return version, nil, ErrMalformed
		}
		if len(s) == 0 && len(params)%2 == 0 {
			return version, params, nil
		}
		params, body = append(params, string(s)), rest
	}
}

// AppendSSLRequest appends the message that asks whether the server speaks TLS.
// It answers with a byte, S or N.
func AppendSSLRequest(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, 8)
	return binary.BigEndian.AppendUint32(dst, SSLCode)
}

// AppendCancel appends the message, the only one on its connection, that cancels
// what another session runs.
func AppendCancel(dst []byte, pid, secret uint32) []byte {
	dst = binary.BigEndian.AppendUint32(dst, 16)
	dst = binary.BigEndian.AppendUint32(dst, CancelCode)
	dst = binary.BigEndian.AppendUint32(dst, pid)
	return binary.BigEndian.AppendUint32(dst, secret)
}

// ParseCancel reads what follows the code in a CancelRequest.
func ParseCancel(body []byte) (pid, secret uint32, err error) {
	if len(body) != 8 {
		return 0, 0, ErrMalformed
	}
	return binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:]), nil
}
