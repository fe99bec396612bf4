package dwstest_test

import (
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
)

// batch sends messages and expects an answer.
func (c *client) batch(want string, messages ...[]byte) {
	c.t.Helper()
	var out []byte
	for _, m := range messages {
		out = append(out, m...)
	}
	if _, err := c.nc.Write(message.Append(out, 'S')); err != nil {
		c.t.Fatal(err)
	}
	if got, err := c.reply(10 * time.Second); err != nil || got != want {
		c.t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func parse(name, text string) []byte {
	return message.Append(nil, 'P', message.Text(name), message.Text(text), []byte{0, 0})
}

func bind(portal, name string, params ...string) []byte {
	body := append(message.Text(portal), message.Text(name)...)
	body = append(body, 0, 0, 0, byte(len(params)))
	for _, p := range params {
		body = append(append(body, message.Uint32(uint32(len(p)))...), p...)
	}
	return message.Append(nil, 'B', body, []byte{0, 0})
}

func execute(portal string, limit uint32) []byte {
	return message.Append(nil, 'E', message.Text(portal), message.Uint32(limit))
}

func describe(kind byte, name string) []byte {
	return message.Append(nil, 'D', []byte{kind}, message.Text(name))
}

func closing(kind byte, name string) []byte {
	return message.Append(nil, 'C', []byte{kind}, message.Text(name))
}

func TestExtended(t *testing.T) {
	s := dwstest.NewServer()
	defer s.Close()
	c := connect(t, s)
	c.want("create table t (id int primary key, name varchar(10))", "CREATE_TABLE ZI")
	c.batch("1 t n ZI", parse("ins", "insert into t values ($1, $2)"), describe('S', "ins"))
	c.batch("2 INSERT_0_1 2 INSERT_0_1 ZI", bind("", "ins", "1", "one"), execute("", 0), bind("", "ins", "2", "two"), execute("", 0))
	// A batch is done as a whole or not at all, and skipped from its first error on.
	c.batch("2 INSERT_0_1 2 E23505 ZI", bind("", "ins", "3", "three"), execute("", 0), bind("", "ins", "1", "x"), execute("", 0), bind("", "ins", "4", "x"), execute("", 0))
	c.want("select count(*) from t", "T (2) SELECT_1 ZI")
	c.batch("E22P02 ZI", bind("", "ins", "x", "x"), execute("", 0))
	c.batch("E08P01 ZI", bind("", "ins", "1"), execute("", 0))
	c.batch("E26000 ZI", bind("", "nope"), execute("", 0))
	c.batch("E34000 ZI", execute("nope", 0))
	c.batch("E42P05 ZI", parse("ins", "select 1"))
	c.batch("E42601 ZI", parse("", "select 1; select 2"))
	c.batch("1 2 n I ZI", parse("", ""), bind("", ""), describe('P', ""), execute("", 0))

	// Rows come in portions.
	c.batch("1 2 T (1) s (2) s SELECT_0 ZI", parse("q", "select id from t order by id"), bind("p", "q"), describe('P', "p"), execute("p", 1), execute("p", 1), execute("p", 1))
	c.want("begin", "BEGIN ZT")
	c.batch("2 (1) s ZT", bind("p", "q"), execute("p", 1))
	c.batch("(2) s ZT", execute("p", 1)) // a portal lasts as long as its transaction
	c.batch("SELECT_0 3 ZT", execute("p", 5), closing('P', "p"))
	c.want("commit", "COMMIT ZI")
	c.batch("3 3 ZI", closing('S', "ins"), closing('S', "was never"))
	c.batch("E26000 ZI", bind("", "ins", "1", "x"))

	// The types of parameters follow from what they are compared with.
	c.batch("1 2 T (1) SELECT_1 ZI", parse("", "select id from t where id = $1 and name <> $2 limit $3"), bind("", "", "1", "x", "5"), describe('P', ""), execute("", 0))
	c.batch("1 E22P02 ZI", parse("", "select id from t where id = $1"), bind("", "", "one"))

	// A statement outlives a change of its table, unless its result is another one.
	c.batch("1 ZI", parse("all", "select * from t where id = 1"))
	c.want("alter table t add column more int", "ALTER_TABLE ZI")
	c.batch("2 E0A000 ZI", bind("", "all"), execute("", 0))
	c.want("deallocate all", "DEALLOCATE_ALL ZI")
	c.batch("E26000 ZI", bind("", "all"), execute("", 0))

	// COPY in either protocol; the second Sync is the one that counts.
	c.want("begin", "BEGIN ZT")
	c.send('Q', message.Text("copy t (id, name) from stdin with (format csv, null '-')"))
	c.send('d', []byte("10,\"a,b\"\n11,-\n"))
	c.send('d', []byte("12,\"\"\n"))
	c.send('c')
	if got, err := c.reply(5 * time.Second); err != nil || got != "G COPY_3 ZT" {
		t.Errorf("%s, %v", got, err)
	}
	c.want("select name, name is null from t where id > 9 order by id", "T (a,b,f) (NULL,t) (,f) SELECT_3 ZT")
	c.send('Q', message.Text("copy t (id, name) from stdin"))
	c.send('f', message.Text("changed my mind"))
	if got, err := c.reply(5 * time.Second); err != nil || got != "G E57014 ZE" {
		t.Errorf("%s, %v", got, err)
	}
	c.want("rollback", "ROLLBACK ZI")
	for data, want := range map[string]string{"1\n": "G E22P04 ZI", "1\t2\t3\n": "G E22P04 ZI", "x\ty\n": "G E22P02 ZI", "20\tmuch too long a name\n": "G E22001 ZI"} {
		c.send('Q', message.Text("copy t (id, name) from stdin"))
		c.send('d', []byte(data))
		c.send('c')
		if got, err := c.reply(5 * time.Second); err != nil || got != want {
			t.Errorf("%q: %s, %v", data, got, err)
		}
	}
	_, _ = c.nc.Write(append(append(append(parse("", "copy t (id, name) from stdin"), bind("", "")...), execute("", 0)...), message.Append(nil, 'S')...))
	c.send('d', []byte("30\tx\\ty\n"))
	c.send('c')
	c.send('S')
	if got, err := c.reply(5 * time.Second); err != nil || got != "1 2 G COPY_1 ZI" {
		t.Errorf("%s, %v", got, err)
	}
	c.want("select name from t where id = 30", "T (x\ty) SELECT_1 ZI")
}

func TestRefusedInABatch(t *testing.T) {
	s := dwstest.NewServer()
	defer s.Close()
	c := connect(t, s)
	c.batch("E0A000 ZI", extended("discard all"))
	c.want("begin", "BEGIN ZT")
	c.batch("E0A000 ZE", extended("listen x"))
	c.want("rollback", "ROLLBACK ZI")
	c.batch("1 2 T (1) SELECT_1 ZI", extended("select 1"))
	if n := s.Executed("discard") + s.Executed("listen"); n != 0 {
		t.Errorf("what was refused ran %d times", n)
	}
	c.send('?')
	if got, err := c.reply(5 * time.Second); err == nil || got != "E08P01" {
		t.Errorf("%s, %v", got, err)
	}
}
