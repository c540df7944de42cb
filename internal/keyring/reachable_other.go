//go:build windows || darwin

package keyring

// reachable: these systems have their keyring always.
func reachable(func(name string) string) error { return nil }
