package rest_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	_ "github.com/gaugesql/gaugesql/taosdriver"
)

func TestACancelledQueryIsKilledByItsRequestID(t *testing.T) {
	const reply = `{"code":0,"column_meta":[["kill_id","VARCHAR",26]],"data":[["8d2795aa:12"]],"rows":1}`
	started, killed := make(chan string, 1), make(chan string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		sql, _ := io.ReadAll(q.Body)
		switch text := string(sql); {
		case text == "select slow":
			started <- q.URL.Query().Get("req_id")
			<-q.Context().Done()
			return
		case strings.Contains(text, "perf_queries") && !strings.HasSuffix(text, "query_id = 4711"):
			t.Errorf("looked for %s", text)
		case strings.HasPrefix(text, "KILL"):
			killed <- text
		}
		io.WriteString(w, reply)
	}))
	defer srv.Close()
	db, err := sql.Open("taos", strings.Replace(srv.URL, "http://", "taos+http://root:taosdata@", 1)+"?kill_grace=1ms")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithCancel(driver.WithRequestID(context.Background(), 4711))
	defer cancel()
	go func() {
		if id := <-started; id != "4711" {
			t.Errorf("request id %s", id)
		}
		cancel()
	}()
	if _, err := db.QueryContext(ctx, "select slow"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := <-killed; got != "KILL QUERY '8d2795aa:12'" {
		t.Error(got)
	}
}
