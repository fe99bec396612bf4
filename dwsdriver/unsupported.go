package dwsdriver

import (
	"errors"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// refusals are what DWS has not, by the words with which its statements begin, and
// what to do instead.
var refusals = []struct {
	words  string
	reason string
}{
	{"DISCARD", "DWS does not discard a session's state: the driver restores the settings when a connection goes back to its pool"},
	{"LISTEN", "DWS has no LISTEN and NOTIFY; what the server has to say comes to Config.OnNotice"},
	{"NOTIFY", "DWS has no LISTEN and NOTIFY"},
	{"UNLISTEN", "DWS has no LISTEN and NOTIFY"},
	{"PREPARE TRANSACTION", "DWS does not let users prepare transactions; commit in one phase"},
	{"COMMIT PREPARED", "DWS ends prepared transactions in its maintenance mode alone"},
	{"ROLLBACK PREPARED", "DWS ends prepared transactions in its maintenance mode alone"},
	{"SET DEFAULT_TRANSACTION_READ_ONLY", readOnlyReason},
	{"SET SESSION DEFAULT_TRANSACTION_READ_ONLY", readOnlyReason},
	{"SET SESSION CHARACTERISTICS", readOnlyReason},
	{"MOVE BACKWARD", scrollReason},
	{"MOVE PRIOR", scrollReason},
	{"FETCH BACKWARD", scrollReason},
	{"FETCH PRIOR", scrollReason},
	{"FETCH FIRST", scrollReason},
	{"FETCH LAST", scrollReason},
	{"FETCH ABSOLUTE", scrollReason},
	{"FETCH RELATIVE", scrollReason},
}

const (
	readOnlyReason = "DWS lets no session set default_transaction_read_only; begin a transaction with sql.TxOptions{ReadOnly: true}"
	scrollReason   = "DWS has no SCROLL cursors: rows are fetched once, from the first to the last"
	holdReason     = "DWS wants a WITH HOLD cursor closed before the commit: read its rows in the transaction"
	objectReason   = "DWS has no large objects; a column of type bytea or blob holds up to 1 GB"
)

// reasonOf is why DWS refuses a statement, "" if that cannot be told by its words.
func reasonOf(text string) string {
	words := placeholder.DWS.Words(text, make([]string, 0, 6))
	if len(words) == 0 {
		return ""
	}
	said := strings.ToUpper(strings.Join(words, " ")) + " "
	for _, r := range refusals {
		if strings.HasPrefix(said, r.words+" ") {
			return r.reason
		}
	}
	switch strings.ToUpper(words[0]) {
	case "DECLARE":
		return cursorReason(text)
	case "SELECT", "CALL":
		lower := strings.ToLower(text)
		for _, f := range []string{"lo_create", "lo_creat", "lo_open", "lo_import", "lo_export", "lo_unlink", "loread", "lowrite", "lo_get", "lo_put", "lo_from_bytea"} {
			if strings.Contains(lower, f) {
				return objectReason
			}
		}
	}
	return ""
}

// cursorReason looks at the words between DECLARE and FOR.
func cursorReason(text string) string {
	s := placeholder.DWS.Scan(text)
	before := ""
	for {
		t, ok := s.Next()
		if !ok {
			return ""
		}
		word := strings.ToUpper(text[t.Start:t.End])
		switch {
		case word == "FOR":
			return ""
		case word == "SCROLL" && before != "NO":
			return scrollReason
		case word == "HOLD" && before == "WITH":
			return holdReason
		}
		before = word
	}
}

// refusing are the SQLSTATEs with which servers refuse what they do not have.
var refusing = []string{"0A000", "42601", "42501", "42883", "42704", "42P01", "42809", "55000", "55P02", "22023", "XX000", "25006", "34000", "42P03", "P0001"}

// refused makes the server's refusal of what DWS has not an error of kind
// ErrNotSupported with the reason. The server is asked nevertheless: later versions
// may have it.
func refused(text string, err error) error {
	if err == nil {
		return nil // before anything is allocated
	}
	var e *driver.Error
	if !errors.As(err, &e) || !slices.Contains(refusing, e.SQLState) {
		return err
	}
	if reason := reasonOf(text); reason != "" {
		e.Kind, e.Hint = driver.ErrNotSupported, reason
	}
	return err
}
