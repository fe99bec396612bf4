package dialect_test

import (
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/dialect"
)

func TestRefuse(t *testing.T) {
	rules := dialect.Rules{}
	for _, text := range []string{
		"DISCARD ALL", "select 1; /* x */ discard temp", "listen a", "NOTIFY a, 'b'", "unlisten *", "PREPARE TRANSACTION 'x'",
		"commit prepared 'x'", "declare c scroll cursor for select 1", "declare c cursor with hold for select 1",
		"move backward 1 from c", "fetch prior from c", "set default_transaction_read_only = on",
		"set session characteristics as transaction read only", "select lo_create(0)", "create extension x", "create or replace rule r as on insert to t do nothing",
		"create table t (a int references u)", "create table t (a int) inherits (u)", "copy t from '/etc/passwd'", "copy (select 1) to program 'x'",
	} {
		if rules.Refuse(text) == nil {
			t.Errorf("%s is not refused", text)
		}
	}
	for _, text := range []string{
		"select 'discard all'", `select "listen" from t`, "declare c no scroll cursor for select 1", "fetch forward 10 from c", "fetch 5 from c",
		"copy t from stdin", "copy (select a from b) to stdout", "prepare x as select 1", "-- listen\nselect 1", "set session characteristics as transaction isolation level repeatable read",
	} {
		if r := rules.Refuse(text); r != nil {
			t.Errorf("%s is refused: %v", text, r)
		}
	}
	if r := (dialect.Rules{Maintenance: true}).Refuse("prepare transaction 'x'"); r != nil {
		t.Errorf("refused in maintenance mode: %v", r)
	}
}

func TestRewrite(t *testing.T) {
	rules := dialect.Rules{Version: "it's 9.2.4", Coordinators: []string{"127.0.0.1:8000"}}
	for text, want := range map[string]string{
		"select 1": "select 1",
		"create table t (a int) with (orientation = column, compression=low) distribute by hash(a)": "create table t (a int)  ",
		"create table t (a int) DISTRIBUTE BY REPLICATION":                                          "create table t (a int) ",
		"begin isolation level  SERIALIZABLE":                                                       "begin isolation level repeatable read",
		"begin isolation level read uncommitted, read only":                                         "begin isolation level read committed, read only",
		"select 'begin isolation level serializable'":                                               "select 'begin isolation level serializable'",
		"SELECT version()": "SELECT 'it''s 9.2.4'::text AS version",
		"select 1, pg_catalog.version()::text AS v union select 2, version()": "select 1, 'it''s 9.2.4'::text::text AS v union select 2, 'it''s 9.2.4'::text",
		"insert ignore into t values (1)":                                     "insert  into t values (1) ON CONFLICT DO NOTHING",
		"insert into t values (1) on duplicate key update nothing":            "insert into t values (1) ON CONFLICT DO NOTHING",
		"insert into t values ('on duplicate key update nothing')":            "insert into t values ('on duplicate key update nothing')",
		"insert into t values (1) on duplicate key update a=values(a)":        "insert into t values (1) on duplicate key update a=values(a)",
	} {
		if got := rules.Rewrite(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
	if got := rules.Rewrite("select node_host, node_port from pgxc_node where node_type='C'"); !strings.Contains(got, "('cn_5001', 'C', 8000, '127.0.0.1', true)") {
		t.Errorf("got %s", got)
	}
}
