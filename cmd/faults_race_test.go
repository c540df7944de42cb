//go:build unix && race

package cmd

// slowness stretches the time that a case gives the program: under the race
// detector it needs a second to begin.
const slowness = 3
