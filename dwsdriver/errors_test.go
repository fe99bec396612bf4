package dwsdriver

import (
	"errors"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// TestKindsArePsycopg2s holds every class of PostgreSQL's SQLSTATEs against the
// exception that psycopg2 2.9.11 raises for it (psycopg2.errors.lookup).
func TestKindsArePsycopg2s(t *testing.T) {
	roots := map[string]error{
		"DatabaseError": nil, "ProgrammingError": driver.ErrProgramming, "DataError": driver.ErrData, "IntegrityError": driver.ErrIntegrity,
		"InternalError": driver.ErrInternal, "OperationalError": driver.ErrOperational, "NotSupportedError": driver.ErrNotSupported,
		"TransactionRollbackError": ErrRolledBack, "QueryCanceledError": ErrCanceled,
	}
	for name, codes := range map[string][]string{
		"DatabaseError":    {"02000", "03000", "09000", "0B000", "0F001", "0L000", "0P000", "0Z002", "10608", "72000"},
		"ProgrammingError": {"20000", "21000", "3D000", "3F000", "42601", "42501", "42P01", "42804", "44000"},
		"DataError":        {"22000", "22003", "22008", "22012", "22P02"},
		"IntegrityError":   {"23000", "23502", "23505", "23P01"},
		"InternalError": {
			"24000", "25000", "25006", "25P02", "2B000", "2D000", "2F000", "2F005", "38000", "39000", "3B001", "F0000", "F0001", "P0000",
			"P0001", "P0002", "XX000", "XX001",
		},
		"OperationalError": {
			"08000", "08001", "08006", "08P01", "26000", "27000", "28000", "28P01", "34000", "53200", "53300", "54000", "54001", "55000",
			"55P03", "57000", "57P01", "57P03", "58000", "58P01", "HV000", "HV00R",
		},
		"NotSupportedError":        {"0A000"},
		"TransactionRollbackError": {"40000", "40001", "40003", "40P01"},
		"QueryCanceledError":       {"57014"},
	} {
		for _, code := range codes {
			err := serverError(opExec, "h", 0, &wire.Fields{Severity: "ERROR", Code: code, Message: "no"})
			if root := roots[name]; root != nil && !errors.Is(err, root) || !errors.Is(err, driver.ErrDatabase) {
				t.Errorf("%s is not %s: %v", code, name, err.Kind)
			}
			for other, root := range roots {
				if other == name || root == nil || errors.Is(roots[name], root) {
					continue
				}
				if errors.Is(err, root) {
					t.Errorf("%s is %s as well: %v", code, other, err.Kind)
				}
			}
		}
	}
}
