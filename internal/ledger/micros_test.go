package ledger

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestAmountsAreReadExactly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "12": 12_000_000, "0.35": 350_000, "0.1": 100_000, "000.000001": 1, "1.100000000": 1_100_000,
		"1000000000000": maxMicros, "999999999999.999999": maxMicros - 1, "1000000000000.0000000": maxMicros,
	} {
		if got, err := ParseMicros(text); err != nil || got != want {
			t.Errorf("ParseMicros(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"": errDecimal, ".": errDecimal, ".5": errDecimal, "5.": errDecimal, "-1": errDecimal, "+1": errDecimal,
		"1e3": errDecimal, "0x10": errDecimal, "1,5": errDecimal, " 1": errDecimal, "1.2.3": errDecimal,
		"NaN": errDecimal, "Inf": errDecimal, "1_000": errDecimal, "٣": errDecimal,
		"1000000000000.000001": errLarge, "1000000000001": errLarge, "1000000000000.0000001": errLarge,
		"99999999999999999999999999": errLarge,
		"0.0000001":                  errFine, "0.30000000000000004": errFine,
	} {
		if got, err := ParseMicros(text); !errors.Is(err, want) {
			t.Errorf("ParseMicros(%q) = %d, %v, want %v", text, got, err, want)
		}
	}
}

func TestAnAmountComesBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	for micros, want := range map[int64]string{
		0: "0", 1: "0.000001", 350_000: "0.35", -1_500_000: "-1.5", 12_000_000: "12",
		math.MaxInt64: "9223372036854.775807", math.MinInt64: "-9223372036854.775808",
	} {
		if got := FormatMicros(micros); got != want {
			t.Errorf("FormatMicros(%d) = %q, want %q", micros, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(0, maxMicros).Draw(t, "micros")
		if got, err := ParseMicros(FormatMicros(micros)); err != nil || got != micros {
			t.Fatalf("%d comes back as %d, %v", micros, got, err)
		}
	})
}

func FuzzDecimal(f *testing.F) {
	for _, text := range []string{"0", "12.5", "1e9", "-1", "999999999999.9999999", "0.30000000000000004", "..", "1000000000000"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		micros, rest, err := decimal(text)
		if err != nil {
			return
		}
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q was taken for an amount", text)
		}
		exact.Mul(exact, big.NewRat(micro, 1))
		low := new(big.Rat).SetInt64(micros)
		high := new(big.Rat).SetInt64(micros + 1)
		if exact.Cmp(low) < 0 || exact.Cmp(high) >= 0 || rest != (exact.Cmp(low) > 0) || micros > maxMicros {
			t.Fatalf("%q is %d millionths and a rest: %v", text, micros, rest)
		}
	})
}
