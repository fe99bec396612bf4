// Package copydata writes rows as the data of a COPY FROM STDIN: in the text format,
// which every server reads, or in PostgreSQL's binary format, which costs both
// sides less where it is known to be read. It is pure: values in, bytes out.
//
// A row of the text format is its cells, separated by tabs, and a line feed; NULL
// is \N, and a backslash takes its meaning from what separates. One of the binary
// format is the number of its cells, and each cell behind its length, which is -1
// for NULL.
package copydata
