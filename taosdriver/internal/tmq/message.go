package tmq

import (
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Message is the content of a raw message that has data.
type Message struct {
	// Begin and Next are the positions of the message and behind it.
	Begin, Next Offset
	// Tables hold the rows, those of one table usually in one of them.
	Tables []Table
	// Created are the create requests of child tables that the message's rows were
	// written with (INSERT ... USING), as the server encodes them.
	Created [][]byte
}

// Table is a block of rows that share a table and a schema.
type Table struct {
	// Name of the table; empty if the topic does not tell.
	Name string
	// Fields describe the columns; their names are empty if the topic does not tell.
	Fields    []block.Field
	Precision block.Precision
	Block     *block.Block
}
