//go:build !unix

package media

// openFlags is empty where no open waits for another process.
const openFlags = 0
