package catalog

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// allowed says in a few words what a node takes, as in "5, 10" or "0..1".
func allowed(node *schema) string {
	switch {
	case node.marks.media != nil:
		return imageWords(node)
	case len(node.enum) > 0:
		words := make([]string, len(node.enum))
		for i, value := range node.enum {
			words[i] = plainText(value)
		}
		return strings.Join(words, ", ")
	case node.constant != nil:
		return plainText(node.constant)
	case node.kind == "boolean":
		return "true, false"
	case node.minimum != nil && node.maximum != nil:
		return decimal(*node.minimum) + ".." + decimal(*node.maximum)
	case node.minimum != nil:
		return decimal(*node.minimum) + " or more"
	case node.maximum != nil:
		return "at most " + decimal(*node.maximum)
	case node.kind == "array":
		return countRange(node)
	case node.maxLength != nil:
		return fmt.Sprintf("up to %d characters", *node.maxLength)
	case node.format == "uri":
		return "an http or https address"
	case node.kind == "integer":
		return "a whole number"
	case node.kind == "number":
		return "a number"
	}
	return ""
}

// wanted explains a text that is no usable number.
func wanted(err error, node *schema) string {
	if words := allowed(node); words != "" {
		return err.Error() + "; it takes " + words
	}
	return err.Error()
}

// withAllowed adds what is allowed to a phrase, when there is something.
func withAllowed(node *schema) string {
	if len(node.enum) == 0 && node.minimum == nil && node.maximum == nil && node.constant == nil {
		return ""
	}
	return " (" + allowed(node) + ")"
}

// countRange says how many elements a list takes.
func countRange(node *schema) string {
	noun := "elements"
	if node.marks.media != nil {
		noun = "images"
	}
	low := 0
	if node.minItems != nil {
		low = *node.minItems
	}
	switch {
	case node.maxItems == nil && low == 0:
		return ""
	case node.maxItems == nil:
		return fmt.Sprintf("%d or more %s", low, noun)
	case low == *node.maxItems:
		return counted(low, noun)
	}
	return fmt.Sprintf("%d..%d %s", low, *node.maxItems, noun)
}

// counted writes a count with its noun in the right number.
func counted(n int, plural string) string {
	if n == 1 {
		return "1 " + strings.TrimSuffix(plural, "s")
	}
	return fmt.Sprintf("%d %s", n, plural)
}

// article puts the right article before the name of a JSON type.
func article(kind string) string {
	switch kind {
	case "integer":
		return "a whole number"
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "boolean":
		return "true or false"
	case "null":
		return "nothing"
	}
	return "a " + kind
}

// kindOf names the JSON type of a value.
func kindOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		if wholeNumber(v) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

func hasKind(value any, kind string) bool {
	got := kindOf(value)
	return got == kind || got == "integer" && kind == "number"
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// imageWords says how many images a node takes and what they must be like.
func imageWords(node *schema) string {
	l := node.marks.media.limits
	var words []string
	if count := countRange(node); node.kind == "array" && count != "" {
		words = append(words, count)
	}
	if len(l.Types) > 0 {
		words = append(words, strings.ReplaceAll(strings.Join(l.Types, ", "), "image/", ""))
	}
	if l.MaxBytes > 0 {
		words = append(words, "up to "+decimal(float64(l.MaxBytes)/(1<<20))+" MiB")
	}
	if l.MinPixels > 0 {
		words = append(words, fmt.Sprintf("%d pixels a side or more", l.MinPixels))
	}
	if l.MinRatio > 0 && l.MaxRatio > 0 {
		words = append(words, "width to height "+decimal(l.MinRatio)+".."+decimal(l.MaxRatio))
	}
	return strings.Join(words, "; ")
}
