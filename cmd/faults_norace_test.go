//go:build unix && !race

package cmd

// slowness stretches the time that a case gives the program.
const slowness = 1
