package catalog

import (
	"math/big"
	"strconv"
	"strings"
)

// Price is what a request costs by a published list, as decimal text.
type Price struct {
	// Amount is decimal text in Currency.
	Amount string
	// Currency is "credits", "units" or a currency such as "USD".
	Currency string
	// Source says whose list it is and AsOf when it was read.
	Source, AsOf string
}

// priceList is one list in a model file. Provider and Model narrow it to one
// of the file's offers.
type priceList struct {
	Provider string     `yaml:"provider"`
	Model    string     `yaml:"model"`
	Currency string     `yaml:"currency"`
	Source   string     `yaml:"source"`
	AsOf     string     `yaml:"as_of"`
	By       []priceRow `yaml:"by"`
}

// priceRow applies when every property in When has that value, or any value
// for "*". Exactly one of Amount (the whole video) and PerSecond is given.
type priceRow struct {
	When      map[string]string `yaml:"when"`
	Amount    string            `yaml:"amount"`
	PerSecond string            `yaml:"per_second"`
}

// priceOf finds the first row that fits an input.
func priceOf(lists []priceList, offer Offer, input map[string]any, seconds int) (Price, bool) {
	for _, list := range lists {
		if list.Provider != "" && list.Provider != offer.Provider || list.Model != "" && list.Model != offer.Model {
			continue
		}
		for _, row := range list.By {
			if !row.fits(input) {
				continue
			}
			amount := row.Amount
			if row.PerSecond != "" {
				amount = times(row.PerSecond, seconds)
			}
			if amount == "" {
				return Price{}, false
			}
			return Price{Amount: amount, Currency: list.Currency, Source: list.Source, AsOf: list.AsOf}, true
		}
	}
	return Price{}, false
}

func (r priceRow) fits(input map[string]any) bool {
	for name, want := range r.When {
		value, set := input[name]
		if !set || want != "*" && plainText(value) != want {
			return false
		}
	}
	return true
}

// times multiplies decimal text by whole seconds without binary fractions.
func times(perSecond string, seconds int) string {
	rate, ok := new(big.Rat).SetString(perSecond)
	if !ok || seconds <= 0 {
		return ""
	}
	product := rate.Mul(rate, new(big.Rat).SetInt64(int64(seconds)))
	text := product.FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// validDecimal reports whether text is a plain decimal amount.
func validDecimal(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && checkNumber(text) == nil
}
