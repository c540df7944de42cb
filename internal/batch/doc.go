// Package batch is many jobs: what a folder or a manifest orders, which rows
// are done, and how many go at once.
//
// It knows rows, their stable ids, and the order in which they are carried from
// nothing to a file. It must not know flags, vendors, columns of a screen, or
// how a job is bought: every step of a row is a call of package job, so that
// what job promises holds for a batch as well.
package batch
