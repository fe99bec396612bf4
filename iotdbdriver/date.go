package iotdbdriver

import (
	"fmt"
	"time"
)

// Date is a day as an argument for a column of type DATE. A time.Time stands for
// an instant and is written as a timestamp. Out of results a DATE comes as a
// time.Time, its midnight in UTC.
type Date struct {
	Year  int // from 1000 to 9999
	Month time.Month
	Day   int
}

// DateOf returns the day on which t is in its location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String returns the day as SQL has it: "2006-01-02".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// Valid reports whether there is such a day, and a DATE can hold it. The server
// takes others and makes them a different day.
func (d Date) Valid() bool {
	y, m, day := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Date()
	return d.Year >= 1000 && d.Year <= 9999 && y == d.Year && m == d.Month && day == d.Day
}

func (d Date) check() error {
	if !d.Valid() {
		return dataError("%s is no day that a DATE can hold", d)
	}
	return nil
}
