package orm

import (
	"database/sql"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
)

func init() { sqlx.BindDriver("dws", sqlx.DOLLAR) }

type reading struct {
	ID    int64           `db:"id"`
	Place string          `db:"place"`
	Value sql.NullFloat64 `db:"value"`
	At    time.Time       `db:"at"`
	Raw   []byte          `db:"raw"`
	OK    bool            `db:"ok"`
}

func TestSQLX(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		db, err := sqlx.Connect("dws", dsn)
		must(t, err)
		defer db.Close()
		db.MustExec("DROP TABLE IF EXISTS readings")
		db.MustExec("CREATE TABLE readings (id BIGINT PRIMARY KEY, place VARCHAR(40) NOT NULL, value DOUBLE PRECISION, at TIMESTAMPTZ, raw BYTEA, ok BOOLEAN) WITH (ORIENTATION = ROW) DISTRIBUTE BY HASH(id)")
		defer db.MustExec("DROP TABLE readings")

		at := time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC)
		rows := []reading{
			{1, "it's", sql.NullFloat64{Float64: 0.1, Valid: true}, at, []byte{0, 255}, true},
			{2, "日本", sql.NullFloat64{}, at.Add(time.Second), []byte{}, false},
			{3, "", sql.NullFloat64{Float64: -1e300, Valid: true}, at.Add(time.Minute), nil, true},
		}
		// One statement of many rows.
		res, err := db.NamedExec("INSERT INTO readings (id, place, value, at, raw, ok) VALUES (:id, :place, :value, :at, :raw, :ok)", rows)
		must(t, err)
		n, err := res.RowsAffected()
		must(t, err)
		same(t, n, 3)

		var got []reading
		must(t, db.Select(&got, "SELECT * FROM readings ORDER BY id"))
		for i, r := range got {
			w := rows[i]
			if r.ID != w.ID || r.Place != w.Place || r.Value != w.Value || !r.At.Equal(w.At) || !slices.Equal(r.Raw, w.Raw) || r.OK != w.OK {
				t.Errorf("row %d is %+v, not %+v", i, r, w)
			}
		}
		same(t, len(got), 3)

		query, args, err := sqlx.In("SELECT place FROM readings WHERE id IN (?) AND ok = ? ORDER BY id", []int{1, 2, 3}, true)
		must(t, err)
		var places []string
		must(t, db.Select(&places, db.Rebind(query), args...))
		if !slices.Equal(places, []string{"it's", ""}) {
			t.Errorf("got %q", places)
		}

		var one reading
		stmt, err := db.PrepareNamed("SELECT * FROM readings WHERE place = :place")
		must(t, err)
		must(t, stmt.Get(&one, map[string]any{"place": "日本"}))
		same(t, one.ID, 2)
		must(t, stmt.Close())
		if err := db.Get(&one, "SELECT * FROM readings WHERE id = $1", 99); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("the error is %v", err)
		}

		tx := db.MustBegin()
		tx.MustExec("UPDATE readings SET value = $1 WHERE id = $2", 7.5, 2)
		must(t, tx.Rollback())
		tx = db.MustBegin()
		_, err = tx.NamedExec("UPDATE readings SET value = :v WHERE id = :id", map[string]any{"v": 8.5, "id": 2})
		must(t, err)
		must(t, tx.Commit())
		var value float64
		must(t, db.Get(&value, "SELECT value FROM readings WHERE id = 2"))
		same(t, value, 8.5)

		each, err := db.Queryx("SELECT id, value, place FROM readings ORDER BY id")
		must(t, err)
		defer each.Close()
		for each.Next() {
			m := map[string]any{}
			must(t, each.MapScan(m))
			if _, ok := m["id"].(int64); !ok {
				t.Errorf("the id is a %T", m["id"])
			}
		}
		must(t, each.Err())
	})
}
