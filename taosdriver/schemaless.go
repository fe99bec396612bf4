package taosdriver

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

const (
	opSchemaless = "schemaless"

	// defaultLinesBytes bounds a batch of lines unless the request says otherwise.
	defaultLinesBytes = 1 << 20
	// longestQuote is as much of a server's message as is looked at for the line that
	// it quotes. TDengine 3.3.7.5 has room for 512 bytes.
	longestQuote = 1 << 10
	// maxDocument bounds a JSON document that is read from a Reader.
	maxDocument = 64 << 20
)

var _ driver.SchemalessInserter = schemaless{}

// schemaless writes lines over the connection.
type schemaless struct {
	c *conn
	w transport.LineWriter
}

// InsertSchemaless implements [driver.SchemalessInserter]. Blank lines are left
// out, since the server would refuse the batch for them, and the lines of Lines
// are sent in batches of BatchBytes like those of Reader. Over JSON each element
// of Lines, and each document of Reader, which may have several one behind the
// other, is a batch. If a later batch fails the result tells what the batches
// before it wrote. A read of Reader that blocks is not interrupted.
func (s schemaless) InsertSchemaless(ctx context.Context, request driver.SchemalessRequest) (driver.SchemalessResult, error) {
	b := &lineBatch{schemaless: s, ctx: ctx, id: request.RequestID, limit: request.BatchBytes}
	if b.id == 0 {
		b.id = driver.RequestID(ctx)
	}
	if s.c.closed {
		return b.result, s.c.closedError(opSchemaless)
	}
	if err := b.begin(request); err != nil {
		return b.result, s.c.origin.Error(driver.ErrInterface, opSchemaless, b.id, err.Error(), nil)
	}
	add, read := b.line, b.readLines
	if request.Protocol == driver.SchemalessJSON {
		add, read = b.document, b.readDocuments
	}
	for _, line := range request.Lines {
		if err := add([]byte(line)); err != nil {
			return b.result, err
		}
	}
	if request.Reader != nil {
		if err := read(request.Reader); err != nil {
			return b.result, err
		}
	}
	return b.result, b.send()
}

// lineBatch collects lines and sends them.
type lineBatch struct {
	schemaless
	ctx    context.Context
	id     uint64 // of the next batch
	limit  int
	lines  transport.Lines
	result driver.SchemalessResult
	sent   bool // a batch

	number  int   // of lines or documents that were seen
	numbers []int // of those in the batch
	comment bool  // "#" begins a comment
}

// begin checks what does not depend on the lines.
func (b *lineBatch) begin(r driver.SchemalessRequest) error {
	switch {
	case r.Protocol < driver.SchemalessLine || r.Protocol > driver.SchemalessJSON:
		return fmt.Errorf("unknown protocol %d of schemaless lines", r.Protocol)
	case r.Precision < driver.SchemalessDefault || r.Precision > driver.SchemalessNanoseconds:
		return fmt.Errorf("unknown precision %d of schemaless lines", r.Precision)
	case r.TTL < 0 || r.TTL > math.MaxInt32:
		return fmt.Errorf("a life of %d days", r.TTL)
	case r.BatchBytes < 0:
		return fmt.Errorf("a batch of %d bytes", r.BatchBytes)
	case strings.IndexByte(r.TableNameKey, 0) >= 0 || !utf8.ValidString(r.TableNameKey):
		return errors.New("the tag for the table's name is not UTF-8 without NUL")
	}
	if b.limit == 0 {
		b.limit = defaultLinesBytes
	}
	b.lines = transport.Lines{
		Protocol: r.Protocol, Precision: r.Precision, TTL: int32(r.TTL), TableNameKey: r.TableNameKey,
	}
	b.comment = r.Protocol == driver.SchemalessLine
	return nil
}

// line adds one line, and first sends the batch that has no room for it.
func (b *lineBatch) line(line []byte) error {
	b.number++
	if err := b.check(line); err != nil {
		return err
	}
	if bytes.IndexByte(line, '\n') >= 0 {
		return b.refuse("a line break within the line")
	}
	if line = bytes.TrimSuffix(line, []byte{'\r'}); len(bytes.TrimSpace(line)) == 0 || b.comment && line[0] == '#' {
		return nil
	}
	if len(line) > b.limit {
		return b.refuse(fmt.Sprintf("%d bytes are longer than a batch may be, %d", len(line), b.limit))
	}
	if len(b.lines.Data) > 0 && len(b.lines.Data)+1+len(line) > b.limit {
		if err := b.send(); err != nil {
			return err
		}
	}
	if len(b.lines.Data) > 0 {
		b.lines.Data = append(b.lines.Data, '\n')
	}
	b.lines.Data = append(b.lines.Data, line...)
	b.numbers = append(b.numbers, b.number)
	return nil
}

func (b *lineBatch) readLines(r io.Reader) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, min(b.limit, math.MaxInt-len("\r\n"))+len("\r\n"))
	for scanner.Scan() {
		if err := b.line(scanner.Bytes()); err != nil {
			return err
		}
	}
	switch err := scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		b.number++
		return b.refuse(fmt.Sprintf("the line is longer than a batch may be, %d bytes", b.limit))
	case err != nil:
		return b.unreadable(err)
	}
	return nil
}

// document sends one JSON document.
func (b *lineBatch) document(document []byte) error {
	b.number++
	if err := b.check(document); err != nil {
		return err
	}
	if len(bytes.TrimSpace(document)) == 0 {
		return nil
	}
	b.lines.Data = append(b.lines.Data, document...)
	b.numbers = append(b.numbers, b.number)
	return b.send()
}

func (b *lineBatch) readDocuments(r io.Reader) error {
	limited := &io.LimitedReader{R: r}
	decoder := json.NewDecoder(limited)
	for {
		limited.N = maxDocument
		var document json.RawMessage
		err := decoder.Decode(&document)
		var syntax *json.SyntaxError
		switch {
		case err == io.EOF:
			return nil
		case err != nil && limited.N <= 0:
			b.number++
			return b.refuse(fmt.Sprintf("the JSON document is longer than %d bytes", maxDocument))
		case errors.As(err, &syntax), err == io.ErrUnexpectedEOF:
			b.number++
			return b.refuse("malformed JSON: " + err.Error())
		case err != nil:
			return b.unreadable(err)
		}
		if err := b.document(document); err != nil {
			return err
		}
	}
}

// check refuses what would not reach the server as it is.
func (b *lineBatch) check(text []byte) error {
	switch {
	case bytes.IndexByte(text, 0) >= 0:
		return b.refuse("a NUL byte")
	case !utf8.Valid(text):
		return b.refuse("bytes that are not UTF-8")
	}
	return nil
}

// refuse returns an error about the line that was seen last.
func (b *lineBatch) refuse(message string) error {
	return b.c.origin.Error(driver.ErrSchemaless, opSchemaless, b.id, b.name(b.number)+message+b.before(), nil)
}

func (b *lineBatch) unreadable(err error) error {
	return b.c.origin.Error(driver.ErrInterface, opSchemaless, b.id, "the lines could not be read"+b.before(), err)
}

func (b *lineBatch) name(number int) string {
	if b.lines.Protocol == driver.SchemalessJSON {
		return fmt.Sprintf("document %d: ", number)
	}
	return fmt.Sprintf("line %d: ", number)
}

// before tells of batches that are in when a later one is not.
func (b *lineBatch) before() string {
	if !b.sent {
		return ""
	}
	return fmt.Sprintf(" (%d points of the batches before are in)", b.result.AffectedRows)
}

// send sends what was collected.
func (b *lineBatch) send() error {
	b.lines.Count = len(b.numbers)
	if b.lines.Count == 0 {
		return nil
	}
	r, err := b.w.WriteLines(b.ctx, b.id, b.lines)
	if err != nil {
		return b.failed(err)
	}
	b.result.AffectedRows += r.AffectedRows
	b.result.TotalRows += r.TotalRows
	b.lines.Data, b.numbers = b.lines.Data[:0], b.numbers[:0]
	b.id, b.sent = driver.NewRequestID(), true
	return nil
}

// malformed are codes that other statements have for something else.
var malformed = []int{0x0127, 0x0203, 0x020a, 0x021b, 0x021f, 0x0221, 0x0224, 0x070f, 0x263c}

// failed completes the error of a batch.
func (b *lineBatch) failed(err error) error {
	if !b.sent {
		err = gate(err)
	} else {
		err = plain(err)
	}
	e := asError(err)
	if e == nil {
		return err
	}
	if slices.Contains(malformed, e.Code) {
		e.Kind = driver.ErrSchemaless
	}
	if errors.Is(e.Kind, driver.ErrSchemaless) {
		n := 0
		if b.lines.Protocol != driver.SchemalessJSON {
			n = offender(b.lines.Data, e.Message)
		}
		e.Message = firstLine(e.Message) // what follows are other lines
		if n >= 0 && n < len(b.numbers) {
			e.Message = b.name(b.numbers[n]) + e.Message
		}
	}
	e.Message = strings.TrimSpace(e.Message + b.before())
	return err
}

// offender returns the index of the line that the server's message quotes, -1 if
// it quotes none or it could be one of several. What the server quotes is the rest
// of the line from where it stopped, often with the lines behind.
func offender(data []byte, message string) int {
	for rest := message[:min(len(message), longestQuote)]; ; {
		_, after, found := strings.Cut(rest, ":")
		if !found {
			return -1
		}
		rest = after
		quoted := strings.TrimSpace(after)
		for _, q := range []string{quoted, firstLine(quoted)} {
			at := bytes.Index(data, []byte(q))
			if len(q) >= 3 && at >= 0 && at == bytes.LastIndex(data, []byte(q)) {
				return bytes.Count(data[:at], []byte{'\n'})
			}
		}
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
