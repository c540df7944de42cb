package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// authenticate looks at the bearer. Any key is good but those that begin with
// "invalid"; an account whose key begins with "poor" has no money.
func (c *call) authenticate(sp speaker) (reply, bool) {
	key, ok := bearer(c.r.Header.Get("Authorization"))
	if !ok {
		return c.turnAway(sp, noKey)
	}
	if c.at.provider == kling && strings.Count(key, ".") == 2 {
		issuer, why := readToken(key, c.now)
		if why != "" {
			return c.turnAway(sp, why)
		}
		key = issuer
	}
	name := strings.TrimPrefix(key, "sk-") // new-api tokens may carry it
	if strings.HasPrefix(name, "invalid") {
		return c.turnAway(sp, badKey)
	}
	c.poor = strings.HasPrefix(name, "poor")
	c.owner = fingerprint(key)
	return reply{}, false
}

func (c *call) turnAway(sp speaker, why condition) (reply, bool) {
	out := sp.refuse(c, why, "")
	out.problem = string(why)
	c.entry.Op = opOf(c.r.Method, c.at.path)
	return out, true
}

func bearer(header string) (string, bool) {
	scheme, key, ok := strings.Cut(header, " ")
	key = strings.TrimSpace(key)
	return key, ok && strings.EqualFold(scheme, "Bearer") && key != ""
}

// fingerprint names an account without keeping its key.
func fingerprint(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:8])
}

// readToken checks the claims of a Kling JWT (providers F.1): HS256, iss, exp
// and nbf in seconds. The signature cannot be checked, the secret is unknown.
func readToken(token string, now time.Time) (issuer string, why condition) {
	parts := strings.Split(token, ".")
	var head struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Iss string       `json:"iss"`
		Exp *json.Number `json:"exp"`
		Nbf *json.Number `json:"nbf"`
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != sha256.Size {
		return "", badKey
	}
	if !readPart(parts[0], &head) || head.Alg != "HS256" || !readPart(parts[1], &claims) || claims.Iss == "" || claims.Exp == nil {
		return "", badKey
	}
	exp, err := claims.Exp.Int64()
	if err != nil {
		return "", badKey
	}
	if now.Unix() >= exp {
		return "", expiredToken
	}
	if claims.Nbf == nil {
		return claims.Iss, ""
	}
	nbf, err := claims.Nbf.Int64()
	if err != nil {
		return "", badKey
	}
	if now.Unix() < nbf {
		return "", earlyToken
	}
	return claims.Iss, ""
}

func readPart(part string, v any) bool {
	data, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(data, v) == nil
}
