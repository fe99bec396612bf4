// Command server runs an embedded SiriDB cluster for clients of other languages.
//
//	server -address 127.0.0.1:9000 -servers 3
//
// It prints the address of each server, one a line, and then takes commands from
// standard input, each answered with a line "ok" or what is wrong:
//
//	stop 0            end the server at once
//	resume 0          start it again
//	pause 0           let it hang
//	continue 0
//	status 0 9        set its state, a number as the protocol has it
//	fault 0 insert drop-after    let the next request of the kind go wrong
//	executed name     answer with how often the text was given to the store
//
// It ends with its standard input.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

func main() {
	address := flag.String("address", "127.0.0.1:0", "host and port of the first server")
	servers := flag.Int("servers", 1, "number of servers")
	precision := flag.String("precision", "ms", "unit of times in the database dbtest: s, ms, us or ns")
	flag.Parse()
	c, err := siritest.StartCluster(*servers, siritest.WithAddress(*address), siritest.WithDatabase("dbtest", *precision))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer c.Close()
	for _, s := range c.Servers() {
		fmt.Println(s.Addr())
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		answer, err := run(c, strings.Fields(in.Text()))
		if err != nil {
			answer = err.Error()
		}
		fmt.Println(answer)
	}
}

// faults are the ones that can be set by name.
var faults = map[string]siritest.Fault{
	"drop-before": siritest.DropBefore, "drop-after": siritest.DropAfter, "lose-reply": siritest.LoseReply,
	"half-body": siritest.HalfBody, "restart": siritest.Restart, "corrupt-header": siritest.CorruptHeader,
}

func run(c *siritest.Cluster, words []string) (string, error) {
	if len(words) < 2 {
		return "", fmt.Errorf("unknown command %q", words)
	}
	if words[0] == "executed" {
		return strconv.Itoa(c.Executed(words[1])), nil
	}
	i, err := strconv.Atoi(words[1])
	if err != nil || i < 0 || i >= len(c.Servers()) {
		return "", fmt.Errorf("no server %q", words[1])
	}
	s := c.Server(i)
	switch {
	case words[0] == "stop":
		s.Stop()
	case words[0] == "resume":
		err = s.Resume()
	case words[0] == "pause":
		s.Pause()
	case words[0] == "continue":
		s.Continue()
	case words[0] == "status" && len(words) == 3:
		var n int
		n, err = strconv.Atoi(words[2])
		s.SetStatus(siritest.Status(n))
	case words[0] == "fault" && len(words) == 4:
		f, ok := faults[words[3]]
		if !ok {
			return "", fmt.Errorf("unknown fault %q", words[3])
		}
		s.Fault(siritest.On{Action: words[2], Times: 1}, f)
	default:
		return "", fmt.Errorf("unknown command %q", words)
	}
	return "ok", err
}
