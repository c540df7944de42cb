// Package ledger remembers jobs: in an SQLite file that several processes
// share, or in a PostgreSQL database that several machines do.
//
// It knows rows, transactions and migrations, and that an intent is durable
// before it says so. It must not know providers' answers, networks, clocks or
// what a user is shown: every time comes in as an argument and every change of
// a job is a pure function that the caller brings.
//
// What a job, an intent or a budget is, is told once, in statements that both
// understand. An engine knows connections, locks and the driver's errors: the
// files named sqlite_ and postgres_.
//
// Once the file exists nothing here opens it but SQLite: closing any other
// descriptor of it would drop the POSIX locks that SQLite holds.
package ledger
