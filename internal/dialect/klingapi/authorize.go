package klingapi

import (
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

const (
	// tokenLife is how long a signed token is good for (Kling's documents
	// sign for 1,800 s).
	tokenLife = 1800 * time.Second
	// clockSlack is how far our clock may be ahead of Kling's, which refuses
	// a token from the future with code 1003.
	clockSlack = 5 * time.Second
)

// Authorize puts a bearer key into the call as it is, or signs an access and
// secret key into a token that is good for half an hour from now.
func (codec) Authorize(call *dialect.Call, credential dialect.Credential, now time.Time) error {
	if !credential.Pair() {
		return dialect.AuthorizeBearer(call, credential)
	}
	if credential.SecretKey.Empty() {
		return &fault.Error{Kind: fault.Auth, Detail: "an access key needs its secret key to sign with"}
	}
	// The claims are encoded in the order iss, exp, nbf, as in Kling's samples.
	claims := jwt.RegisteredClaims{
		Issuer:    credential.AccessKey.Reveal(),
		ExpiresAt: jwt.NewNumericDate(now.Add(tokenLife)),
		NotBefore: jwt.NewNumericDate(now.Add(-clockSlack)),
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(credential.SecretKey.Reveal()))
	if err != nil {
		return &fault.Error{Kind: fault.Internal, Op: "sign the token", Err: err}
	}
	call.BearerHeader(token)
	return nil
}
