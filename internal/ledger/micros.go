package ledger

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

const (
	// micro is how many parts an amount is counted in.
	micro = 1_000_000

	// maxMicros is a million millions: more is no price.
	maxMicros = 1_000_000_000_000 * micro
)

var (
	errDecimal = errors.New("it is no amount: write it in decimal, such as 12 or 0.35")
	errLarge   = errors.New("it is more than a million millions")
	errFine    = errors.New("it has more than six decimal places")
)

// ParseMicros reads an amount in plain decimal (digits, a point, digits) and
// gives it times a million, exactly. Signs, exponents, what is more than 1e12
// and what is finer than a millionth are refused.
func ParseMicros(text string) (int64, error) {
	micros, rest, err := decimal(text)
	if err == nil && rest {
		err = errFine
	}
	if err != nil {
		return 0, err
	}
	return micros, nil
}

// decimal reads an amount and whether something finer than a millionth is
// left of it.
func decimal(text string) (micros int64, rest bool, err error) {
	const places = 6
	whole, fraction, point := strings.Cut(text, ".")
	if whole == "" || point && fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, false, errDecimal
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > places {
		fraction, rest = fraction[:places], true
	}
	fraction += strings.Repeat("0", places-len(fraction))
	micros, err = strconv.ParseInt(strings.TrimLeft(whole, "0")+fraction, 10, 64)
	if err != nil || micros > maxMicros || micros == maxMicros && rest {
		return 0, false, errLarge
	}
	return micros, rest, nil
}

// FormatMicros writes an amount in decimal, without trailing zeros.
func FormatMicros(micros int64) string {
	sign := ""
	size := uint64(micros)
	if micros < 0 {
		sign, size = "-", -size
	}
	text := sign + strconv.FormatUint(size/micro, 10)
	if part := size % micro; part != 0 {
		text += "." + strings.TrimRight(strconv.FormatUint(micro+part, 10)[1:], "0")
	}
	return text
}

// plus adds to a sum that is never below 0. A sum too large to be counted
// stays so: under no cap is there any room beside it.
func plus(sum, change int64) int64 {
	if sum == math.MaxInt64 || change > 0 && sum > math.MaxInt64-change {
		return math.MaxInt64
	}
	return sum + change
}

// times is a count of jobs as an amount.
func times(jobs int64) int64 {
	if jobs > math.MaxInt64/micro {
		return math.MaxInt64
	}
	return jobs * micro
}
