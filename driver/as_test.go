package driver

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"strings"
	"testing"
)

// bare is a connection without extensions and without a name.
type bare struct{}

func (bare) Prepare(string) (sqldriver.Stmt, error) { return nil, errors.ErrUnsupported }
func (bare) Close() error                           { return nil }
func (bare) Begin() (sqldriver.Tx, error)           { return nil, errors.ErrUnsupported }

// full has ServerInformer; its Extender answers for RequestExecer by refusing.
type full struct{ bare }

func (full) Engine() string    { return "tdengine" }
func (full) Transport() string { return "http" }
func (full) ServerInfo(context.Context) (Info, error) {
	return Info{Engine: "tdengine", Version: "3.3.7.5"}, nil
}

// picky offers by Extension alone, though it has the method.
type picky struct {
	full
	offers bool
}

func (p picky) Extension(target any) bool {
	if t, ok := target.(*ServerInformer); ok && p.offers {
		*t = p
		return true
	}
	return false
}

type (
	rawWrapper     struct{ c sqldriver.Conn }
	unwrapWrapper  struct{ c sqldriver.Conn }
	wrappedWrapper struct{ c sqldriver.Conn }
	embedding      struct {
		sqldriver.Conn
		note string
	}
	loop struct{ bare }
)

func (w rawWrapper) Raw() sqldriver.Conn             { return w.c }
func (w unwrapWrapper) Unwrap() sqldriver.Conn       { return w.c }
func (w wrappedWrapper) WrappedConn() sqldriver.Conn { return w.c }
func (l loop) Unwrap() sqldriver.Conn                { return l }

func TestAsLooksThroughWrappers(t *testing.T) {
	for name, conn := range map[string]any{
		"the connection itself":  full{},
		"Raw":                    rawWrapper{full{}},
		"Unwrap":                 unwrapWrapper{full{}},
		"WrappedConn":            wrappedWrapper{full{}},
		"an embedded interface":  embedding{Conn: full{}},
		"a pointer to embedding": &embedding{Conn: full{}, note: "x"},
		"several layers":         rawWrapper{&embedding{Conn: embedding{Conn: full{}}}},
		"Extension":              rawWrapper{embedding{Conn: picky{offers: true}}},
	} {
		info, err := As[ServerInformer](conn)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if i, _ := info.ServerInfo(context.Background()); i.Version != "3.3.7.5" {
			t.Errorf("%s: found something else", name)
		}
	}
}

func TestAsSaysWhatIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		conn any
		want string
	}{
		"engine and transport":         {full{}, "driver.Copier is not supported by tdengine over http"},
		"behind a wrapper":             {rawWrapper{full{}}, "tdengine over http"},
		"a foreign connection":         {bare{}, "was not found on this connection"},
		"nothing":                      {nil, "was not found"},
		"a wrapper of nothing":         {embedding{}, "was not found"},
		"a wrapper that wraps itself":  {loop{}, "was not found"},
		"an Extension that says no":    {picky{}, "tdengine over http"},
		"a wrapper that holds nothing": {rawWrapper{}, "was not found"},
	} {
		_, err := As[Copier](c.conn)
		if !errors.Is(err, ErrNotSupported) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := As[ServerInformer](picky{}); !errors.Is(err, ErrNotSupported) {
		t.Errorf("a method was found that Extension withholds: %v", err)
	}
}

type connector struct{ conn sqldriver.Conn }

func (c connector) Connect(context.Context) (sqldriver.Conn, error) { return c.conn, nil }
func (c connector) Driver() sqldriver.Driver                        { return nil }

func TestWithDBGivesTheConnectionBack(t *testing.T) {
	db := sql.OpenDB(connector{full{}})
	defer db.Close()
	db.SetMaxOpenConns(1)
	boom := errors.New("boom")
	for range 3 {
		err := WithDB(context.Background(), db, func(ServerInformer) error { return boom })
		if err != boom {
			t.Fatalf("got %v, want the function's own error", err)
		}
	}
	if n := db.Stats().InUse; n != 0 {
		t.Errorf("%d connections were kept", n)
	}
}

func TestRequestIDs(t *testing.T) {
	ctx := context.Background()
	if _, ok := RequestIDFrom(ctx); ok {
		t.Error("an empty context has a request id")
	}
	if id, ok := RequestIDFrom(WithRequestID(ctx, 1<<63+1)); !ok || id != 1<<63+1 {
		t.Errorf("got %d, %v", id, ok)
	}
	if _, ok := RequestIDFrom(WithRequestID(WithRequestID(ctx, 7), 0)); ok {
		t.Error("0 does not clear the id")
	}
	if RequestID(WithRequestID(ctx, 7)) != 7 {
		t.Error("the context's id is not used")
	}
	seen := map[uint64]bool{}
	for range 50_000 {
		id := RequestID(ctx)
		if id == 0 || int64(id) < 0 || seen[id] {
			t.Fatalf("generated id %#x is zero, negative or repeated", id)
		}
		seen[id] = true
	}
}
