package dialect_test

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

func TestAmountsArePlainDecimalText(t *testing.T) {
	t.Parallel()
	tests := map[dialect.Text]string{
		"100": "100", "100.0": "100", "0": "0", "-0": "0", "0.00": "0", "74.87": "74.87", "-3.50": "-3.5", "5.": "5", "007": "7",
		"1e3": "1000", "2.5E-1": "0.25", "-1e2": "-100", "1.4210854715202004e-14": "0", "-1e-12": "0",
		"12.340000000000002": "12.34", "0.0000005": "0.0000005", "0.000000005": "0.00000001",
		"100000000.00000001": "100000000.00000001", "99999999999999999999": "99999999999999999999",
		"": "none", "-": "none", "free": "none", "+1": "none", "--1": "none", ".5": "none", "1,5": "none", "1/3": "none", "1 000": "none",
		"0x1p-2": "none", "0xep1": "none", "1_0e1": "none", "NaN": "none", "Infinity": "none", "true": "none", "1.2.3": "none",
		"1e16": "none", "1e400": "none", "1e999999999": "none", "-1e999999999": "none", "1e-999999999": "0",
		dialect.Text(strings.Repeat("9", 21)):         "none",
		"0." + dialect.Text(strings.Repeat("1", 401)): "none",
	}
	for text, want := range tests {
		got := "none"
		if value, ok := text.Decimal(); ok {
			got = dialect.NewAmount(value, "USD").Amount
		}
		if got != want {
			t.Errorf("%.30q is read as %q, want %q", text, got, want)
		}
	}
}

func TestAnAmountReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		quanta := rapid.Int64().Draw(t, "100-millionths")
		value := big.NewRat(quanta, 100_000_000)
		text := dialect.NewAmount(value, "units").Amount
		again, ok := dialect.Text(text).Decimal()
		if !ok || again.Cmp(value) != 0 {
			t.Errorf("%s is written %q and read as %v (%v)", value, text, again, ok)
		}
	})
}

func TestAUnitIsSafeToPrint(t *testing.T) {
	t.Parallel()
	if got := dialect.NewAmount(new(big.Rat), "U\x1b[31mSD\n").Unit; got != `U\u001b[31mSD` {
		t.Errorf("unit %q, want escapes made visible", got)
	}
}

func TestABalanceChargesNothingAndMissesNoTask(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]fault.Kind{404: fault.Refused, 401: fault.Auth, 500: fault.Unavailable, 303: fault.Answer} {
		got := dialect.ForBalance(dialect.StatusFault(dialect.Reply{Status: status}, "", ""))
		if got.Kind != want || got.Spent() != fault.NotCharged {
			t.Errorf("HTTP %d gives kind %s and charged %s, want %s and no", status, got.Kind, got.Spent(), want)
		}
	}
}
