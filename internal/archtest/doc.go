// Package archtest keeps the shape of the house: which room may import which,
// where each library lives, and what a room must never reach for.
//
// It knows the table of rooms (rooms_test.go) and reads the import clauses of
// the tree itself, in the test's own process. Starting the go command instead
// would hide the sources from the test cache, and a violation would stay green
// until something else changed.
//
// It must not know what any room does. It holds no code that a program could
// use, so nothing imports it. The linter's depguard rules say the same things
// earlier, but see only some of them: this package is the authority.
//
// Editing the table is a change of policy, and is to be reviewed as one.
package archtest
