package conformance

import (
	"time"
)

var timeChecks = []Check{
	{Group: "time", Name: "an instant keeps its full precision", Needs: needs(aType(Time)), Run: func(e *Env) {
		var list []time.Time
		for _, t := range []time.Time{
			time.Date(2024, 2, 29, 23, 59, 59, 999_999_999, time.UTC),
			time.Date(2023, 1, 1, 0, 0, 0, 1, time.UTC),
			time.Date(2023, 1, 1, 0, 0, 0, 123_456_789, time.UTC),
			time.Date(2038, 1, 19, 3, 14, 8, 1_000_000, time.UTC),
			time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC),
		} {
			list = append(list, t.Truncate(e.timePrecision()))
		}
		roundTrip(e, Time, list)
	}},
	{Group: "time", Name: "an instant is the same in every zone", Needs: needs(aType(Time)), Run: func(e *Env) {
		var list []time.Time
		for _, name := range []string{"UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Local"} {
			loc, err := time.LoadLocation(name)
			e.Must(err)
			list = append(list, e.instant().In(loc))
		}
		list = append(list, e.instant().In(time.FixedZone("odd", -(3*3600+25*60+45))))
		roundTrip(e, Time, list)
	}},
	{Group: "time", Name: "an instant survives the change to and from summer time", Needs: needs(aType(Time)), Run: func(e *Env) {
		loc, err := time.LoadLocation("America/New_York")
		e.Must(err)
		first := time.Date(2023, 11, 5, 1, 30, 0, 0, loc) // the hour that comes twice
		list := []time.Time{
			first, first.Add(time.Hour), first.Add(2 * time.Hour),
			time.Date(2023, 3, 12, 1, 59, 59, 0, loc), time.Date(2023, 3, 12, 3, 0, 0, 0, loc),
		}
		roundTrip(e, Time, list)
	}},
	{Group: "time", Name: "instants before 1970 are kept", Needs: needs(aType(Time)), Run: func(e *Env) {
		roundTrip(e, Time, []time.Time{
			time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC),
			time.Date(1960, 6, 15, 12, 0, 0, 0, time.UTC).Add(time.Millisecond),
		})
	}},
	{Group: "time", Name: "times come out in UTC unless asked otherwise", Needs: needs(aType(Time), hasLocation), Run: func(e *Env) {
		table := e.Of(Time)
		e.Put(e.DB(), table, 1, e.instant().In(time.FixedZone("", 3600)))
		got := Get[time.Time](e, e.DB(), e.column(table))
		if _, offset := got.Zone(); offset != 0 || !got.Equal(e.instant()) {
			e.Errorf("got %v", got)
		}
	}},
	{Group: "time", Name: "times come out in the location asked for", Needs: needs(aType(Time), hasLocation), Run: func(e *Env) {
		table := e.Of(Time)
		e.Put(e.DB(), table, 1, e.instant())
		for _, name := range []string{"Asia/Kolkata", "America/New_York"} {
			loc, err := time.LoadLocation(name)
			e.Must(err)
			got := Get[time.Time](e, e.Open(e.Target.DSNs.In(loc)), e.column(table))
			if want := e.instant().In(loc); got.Format(time.RFC3339Nano) != want.Format(time.RFC3339Nano) {
				e.Errorf("got %v, want %v", got, want)
			}
		}
	}},
	{Group: "time", Name: "times written through a pool with a location are the same instants", Needs: needs(aType(Time), hasLocation), Run: func(e *Env) {
		table := e.Of(Time)
		loc, err := time.LoadLocation("Asia/Shanghai")
		e.Must(err)
		db := e.Open(e.Target.DSNs.In(loc))
		e.Put(db, table, 1, e.instant())
		stmt := e.Prepare(db, e.putting(table, 1))
		_, err = stmt.ExecContext(e.ctx, e.Dialect().Key.Value(2), e.instant())
		e.Must(err)
		for n, got := range All[time.Time](e, e.DB(), e.column(table)) {
			if !got.Equal(e.instant()) {
				e.Errorf("row %d is %v, not %v", n, got, e.instant())
			}
		}
	}},
	{Group: "time", Name: "an instant in a condition selects its row", Needs: needs(aType(Time)), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Time)
		for n := range 3 {
			e.Put(e.DB(), table, n, e.instant().Add(time.Duration(n)*time.Second))
		}
		want := e.instant().Add(time.Second).In(time.FixedZone("", -7200))
		query := d.selects(table, []string{"v"}, "v = "+d.placeholder(1))
		if got := All[time.Time](e, e.DB(), query, want); len(got) != 1 || !got[0].Equal(want) {
			e.Errorf("asked for %v, got %v", want, got)
		}
	}},
}

func (e *Env) timePrecision() time.Duration {
	if p := e.Type(Time).TimePrecision; p > 0 {
		return p
	}
	return time.Nanosecond
}

// instant is a time with as many digits as the target's Time has.
func (e *Env) instant() time.Time {
	return time.Date(2024, 3, 10, 9, 8, 7, 123_456_789, time.UTC).Truncate(e.timePrecision())
}
