package placeholder

// Quoting says what a kind of quote opens and how it ends. The zero value is
// not a quote: the character stands for itself.
type Quoting struct {
	// On is true where the character opens a quoted text. The same character
	// twice inside is part of the text.
	On bool
	// Backslash is true where "\" takes the next byte out of consideration.
	Backslash bool
}

// Dialect is the lexical side of a query language: just enough to know what is
// text, what is comment, and what is code.
type Dialect struct {
	// Single, Double and Back are for ', " and `.
	Single, Double, Back Quoting
	// EscapeStrings is true where E'…' is a string with backslashes.
	EscapeStrings bool
	// DollarQuotes is true where $tag$ … $tag$ is a string.
	DollarQuotes bool
	// Regex is true where /…/ is a regular expression, with "\" as in strings,
	// unless it stands after a number, a quoted text, ")" or the word now: there
	// it divides.
	Regex bool

	// Dashes is true where "--" begins a comment that lasts for the line.
	Dashes bool
	// Hash is true where "#" does.
	Hash bool
	// LineEnds are the bytes that end a line.
	LineEnds string
	// Block is true where /* … */ is a comment, Nested where one can hold others.
	Block, Nested bool

	// Numbered is true where "$1" is a placeholder as "?" is. In a statement
	// that has one, "?" is an operator.
	Numbered bool
}

var (
	quote     = Quoting{On: true}
	backslash = Quoting{On: true, Backslash: true}
)

// The dialects of the engines.
var (
	// TDengine follows tGetToken of its source: "--" needs no blank after it.
	TDengine = Dialect{
		Single: backslash, Double: backslash, Back: quote,
		Dashes: true, LineEnds: "\n", Block: true,
	}
	// IoTDB is that of the table model: backslashes are ordinary.
	IoTDB = Dialect{
		Single: quote, Double: quote, Back: quote,
		Dashes: true, LineEnds: "\r\n", Block: true,
	}
	// IoTDBTree is the tree model of the same server, which has no comments: "--" is
	// two signs there.
	IoTDBTree = Dialect{Single: quote, Double: quote, Back: quote}
	// SiriDB has series names and times in ' and ", groups and tags in `.
	SiriDB = Dialect{
		Single: quote, Double: quote, Back: quote,
		Regex: true, Hash: true, LineEnds: "\n",
	}
	// DWS is PostgreSQL with standard_conforming_strings on.
	DWS = Dialect{
		Single: quote, Double: quote, EscapeStrings: true, DollarQuotes: true,
		Dashes: true, LineEnds: "\r\n", Block: true, Nested: true,
		Numbered: true,
	}
)
