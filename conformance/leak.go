package conformance

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"
)

// goroutineLabel marks the goroutine of a check and, as labels are inherited,
// all that it starts: a check counts its own even if other targets are verified
// at the same time or the server lives in this process.
const goroutineLabel = "conformance"

// goroutines counts the check's goroutines and describes them, one line a stack.
func (e *Env) goroutines() (int, string) {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		e.Fatalf("goroutine profile: %v", err)
	}
	mark := fmt.Sprintf("%q:%q", goroutineLabel, e.label)
	var stacks strings.Builder
	total, n, ours := 0, 0, false
	scan := bufio.NewScanner(&profile)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		line := scan.Text()
		switch {
		case strings.Contains(line, " @ 0x"):
			n, _ = strconv.Atoi(line[:strings.IndexByte(line, ' ')])
			ours = false
		case strings.HasPrefix(line, "# labels:"):
			if ours = strings.Contains(line, mark); ours {
				total += n
				fmt.Fprintf(&stacks, "\n  %d:", n)
			}
		case ours && strings.HasPrefix(line, "#\t"):
			if fields := strings.Fields(line); len(fields) > 2 {
				stacks.WriteString(" " + fields[2])
			}
		}
	}
	return total, stacks.String()
}

// atRest counts the check's goroutines without those that are about to end.
func (e *Env) atRest() int {
	least, _ := e.goroutines()
	for range 5 {
		time.Sleep(2 * time.Millisecond)
		n, _ := e.goroutines()
		least = min(least, n)
	}
	return least
}

// Settles fails the check if more goroutines than before remain after a while.
func (e *Env) Settles(before int, what string) {
	n, stacks := 0, ""
	if !e.Eventually(3*time.Second, func() bool {
		n, stacks = e.goroutines()
		return n <= before
	}) {
		e.Errorf("%d goroutines before %s, %d after:%s", before, what, n, stacks)
	}
}

// heap returns the bytes in use: the least of several collections, as a server in
// this process goes on allocating during each.
func heap() int64 {
	least := int64(math.MaxInt64)
	for range 4 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		least = min(least, int64(m.HeapAlloc))
	}
	return least
}
