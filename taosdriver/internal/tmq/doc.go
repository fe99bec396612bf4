// Package tmq reads and writes the messages of TDengine's subscriptions (TMQ) in
// their raw form, which taosAdapter's fetch_raw_data and fetch_raw hand out and
// the C library's tmq_get_raw: rows in columns by table, and the position behind
// them. It is pure wire code, bytes in and values out.
package tmq
