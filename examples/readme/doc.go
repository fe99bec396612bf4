// Command readme is the program that README.md shows. Its test holds the two
// together.
package main
