package cmd

import "strings"

// near are the known words most like a given one, by letters that were added,
// left out, mistaken or swapped; several where they are alike to the same
// degree. A word that only begins like a known one stands for it.
func near(given string, known []string) []string {
	given = strings.ToLower(given)
	least := max(1, min(nearLetters, len(given)/2))
	var nearest, begun []string
	for _, word := range known {
		if len(given) > 1 && strings.HasPrefix(word, given) {
			begun = append(begun, word)
		}
		switch distance := letters(given, word); {
		case distance > least:
		case distance < least:
			least, nearest = distance, []string{word}
		default:
			nearest = append(nearest, word)
		}
	}
	if len(nearest) == 0 {
		return begun
	}
	return nearest
}

// nearLetters is how many letters a word that is offered may differ in.
const nearLetters = 2

// letters counts what has to be done to one word to make it another.
func letters(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
