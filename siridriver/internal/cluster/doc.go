// Package cluster speaks to the servers of a SiriDB database. A [Cluster] keeps
// one connection to each host, whatever the number of its users: SiriDB answers
// many requests at a time on one connection, in any order.
//
// Three parts, from the inside out:
//
//   - a session is one socket that has logged in. A goroutine writes and keeps
//     it alive, another reads; requests and answers are matched by package id.
//   - a link is a host. Its goroutine connects, waits for the session to end,
//     and connects again after 1, 2, 4 seconds and so on.
//   - the Cluster chooses a session for each request and decides what may be
//     repeated: what no byte of has left, and what a server says it has not done.
//
// All goroutines end with [Cluster.Close], which waits for them.
package cluster
