package transport

import (
	"fmt"

	"github.com/gaugesql/gaugesql/driver"
)

// codeInfo is what the driver knows of a server code.
type codeInfo struct {
	name string
	kind error
}

// codes are those of TDengine's taoserror.h that clients meet, by the low 16
// bits. Kinds of other codes go by their range, see rangeKind.
var codes = map[int]codeInfo{
	// RPC, between taosAdapter and taosd
	0x000b: {"unable to establish connection", driver.ErrConnection},
	0x0015: {"unable to resolve FQDN", driver.ErrConnection},
	0x0018: {"conn is broken", driver.ErrConnection},
	0x0019: {"conn read timeout", driver.ErrTimeout},
	0x0020: {"some vnode/qnode/mnode(s) out of service", driver.ErrConnection},
	0x0021: {"rpc state changed, retry", driver.ErrConnection},
	0x0022: {"rpc open too many session", driver.ErrServer},
	0x0023: {"rpc network error", driver.ErrServer},
	0x0024: {"rpc network bus", driver.ErrServer},
	0x0110: {"general error", driver.ErrDatabase},
	0x0125: {"retry needed", driver.ErrOperational},
	0x0130: {"database is starting up", driver.ErrServer},
	0x0131: {"database is closing down", driver.ErrServer},
	0x0134: {"IP not in whitelist", driver.ErrPermission},

	// client library
	0x0200: {"invalid operation", driver.ErrProgramming},
	0x020b: {"invalid connection", driver.ErrConnection},
	0x020f: {"query terminated", driver.ErrOperational},
	0x0213: {"disconnected from server", driver.ErrConnection},
	0x0215: {"connection killed", driver.ErrConnection},
	0x0216: {"syntax error in SQL", driver.ErrProgramming},
	0x0217: {"database not specified or available", driver.ErrProgramming},
	0x0219: {"SQL statement too long", driver.ErrProgramming},
	0x021b: {"invalid line protocol", driver.ErrSchemaless},
	0x021f: {"invalid JSON or key in schemaless data", driver.ErrSchemaless},
	0x022a: {"stmt API usage error", driver.ErrStatement},
	0x022b: {"stmt table name not set", driver.ErrStatement},
	0x022c: {"stmt clause error", driver.ErrStatement},
	0x022d: {"query killed", driver.ErrOperational},
	0x0236: {"wrong bind number in stmt", driver.ErrStatement},

	// management node
	0x0303: {"insufficient privilege for operation", driver.ErrPermission},
	0x030e: {"invalid kill id", driver.ErrProgramming},
	0x0315: {"user is disabled", driver.ErrAuthentication},
	0x0350: {"user already exists", driver.ErrIntegrity},
	0x0351: {"invalid user", driver.ErrAuthentication},
	0x0357: {"authentication failure", driver.ErrAuthentication},
	0x0360: {"super table already exists", driver.ErrIntegrity},
	0x0362: {"super table not exist", driver.ErrProgramming},
	0x0380: {"database not specified", driver.ErrProgramming},
	0x0381: {"database already exists", driver.ErrIntegrity},
	0x0388: {"database not exist", driver.ErrProgramming},
	0x0396: {"database in creating status", driver.ErrOperational},
	0x03d3: {"conflict transaction not completed", driver.ErrOperational},
	0x03e0: {"topic already exists", driver.ErrIntegrity},
	0x03e1: {"topic not exist", driver.ErrProgramming},

	// vnodes and storage
	0x0503: {"invalid vgroup id", driver.ErrServer},
	0x0512: {"vnode is syncing", driver.ErrServer},
	0x0529: {"vnode is stopped", driver.ErrServer},
	0x0603: {"table already exists", driver.ErrIntegrity},
	0x060b: {"timestamp data out of range", driver.ErrData},

	// adapter's HTTP side
	0x1105: {"no auth info", driver.ErrAuthentication},
	0x1106: {"no sql input", driver.ErrProgramming},
	0x1122: {"unknown auth type", driver.ErrAuthentication},
	0x1124: {"invalid basic auth", driver.ErrAuthentication},
	0x1125: {"invalid taosd auth", driver.ErrAuthentication},

	// query
	0x2504: {"query timeout", driver.ErrTimeout},

	// parser
	0x2600: {"syntax error", driver.ErrProgramming},
	0x2601: {"incomplete SQL statement", driver.ErrProgramming},
	0x2602: {"invalid column name", driver.ErrProgramming},
	0x2603: {"table does not exist", driver.ErrProgramming},
	0x2605: {"invalid value type", driver.ErrData},
	0x2616: {"database not specified", driver.ErrProgramming},
	0x263b: {"time range missing or too large", driver.ErrProgramming},
	0x2644: {"permission denied or target object not exist", driver.ErrPermission},
	0x2653: {"value is too long", driver.ErrData},
	0x2670: {"statement with several results", driver.ErrProgramming},
	0x267b: {"primary timestamp must not be null", driver.ErrIntegrity},
	0x2802: {"invalid function parameter", driver.ErrProgramming},

	// adapter
	0xfffd: {"statement rejected by the adapter", driver.ErrPermission},
	0xfffe: {"query limit of the adapter exceeded", driver.ErrServer},
	0xffff: {"refused by the adapter", driver.ErrDatabase},
}

// Name returns the meaning of a server code in a few words.
func Name(code int) string {
	if info, ok := codes[code&0xffff]; ok {
		return info.name
	}
	return fmt.Sprintf("server error 0x%04x", code&0xffff)
}

// Kind returns the kind of a server code. The message decides about the
// adapter's generic code alone.
func Kind(code int, message string) error {
	code &= 0xffff
	if NotExecuted(code, message) {
		return driver.ErrConnection
	}
	if info, ok := codes[code]; ok {
		return info.kind
	}
	return rangeKind(code)
}

// rangeKind is the kind of codes that are not in the table, by module.
func rangeKind(code int) error {
	switch code >> 8 {
	case 0x00, 0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x25:
		return driver.ErrOperational
	case 0x02, 0x26, 0x28:
		return driver.ErrProgramming
	case 0x09:
		return driver.ErrServer
	case 0x11:
		return driver.ErrOperational
	case 0x30:
		return driver.ErrSchemaless
	case 0x40:
		return driver.ErrConsumer
	}
	return driver.ErrDatabase
}
