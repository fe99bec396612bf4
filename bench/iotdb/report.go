package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is the page.
func report(server string, rows, rounds int, results map[string][]figures) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks: IoTDB\n\n")
	fmt.Fprintf(&b, "%d rows of (time, STRING tag, INT32, DOUBLE, TEXT), medians of %d rounds, on %s; %s, %s/%s, %d processors, which the server shares.\n",
		rows, rounds, server, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	fmt.Fprintf(&b, "Made by `go run .` in `bench/iotdb`. CPU is that of the client's process.\n\n")
	b.WriteString("| | rows a second | CPU a row | allocations a row | bytes a row |\n|---|---:|---:|---:|---:|\n")
	for _, s := range subjects {
		f := median(results[s.name])
		fmt.Fprintf(&b, "| %s | %.0f | %d ns | %.4f | %.0f |\n", s.name, float64(f.Rows)/f.Wall.Seconds(),
			f.CPU.Nanoseconds()/int64(f.Rows), float64(f.Allocs)/float64(f.Rows), float64(f.Bytes)/float64(f.Rows))
	}
	b.WriteString("\n")
	for _, s := range subjects {
		if s.peer == "" {
			continue
		}
		mine, theirs := median(results[s.name]), median(results[s.peer])
		fmt.Fprintf(&b, "- %s: %.1f times the rows a second of %s, %.2f times its CPU.\n", s.name,
			theirs.Wall.Seconds()/mine.Wall.Seconds(), s.peer, mine.CPU.Seconds()/theirs.CPU.Seconds())
	}
	return b.String()
}

// median takes each figure's own.
func median(list []figures) figures {
	if len(list) == 0 {
		return figures{Rows: 1, Wall: time.Nanosecond, CPU: time.Nanosecond}
	}
	of := func(get func(figures) int64) int64 {
		values := make([]int64, len(list))
		for i, f := range list {
			values[i] = get(f)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return figures{
		Rows: list[0].Rows,
		CPU:  time.Duration(of(func(f figures) int64 { return int64(f.CPU) })), Wall: time.Duration(of(func(f figures) int64 { return int64(f.Wall) })),
		Allocs: uint64(of(func(f figures) int64 { return int64(f.Allocs) })), Bytes: uint64(of(func(f figures) int64 { return int64(f.Bytes) })),
	}
}
