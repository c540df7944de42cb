package upload

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
)

// named is the fault that an answer of a bucket means. Its body is a small XML
// document with a code and a message; answers to HEAD have none.
func (v *visit) named(got reply) *fault.Error {
	code, message := element(got.body, "Code"), element(got.body, "Message")
	detail := message
	if detail == "" {
		detail = fmt.Sprintf("HTTP %d", got.status)
	}
	kind, hint := s3Kind(code, got.status)
	if region := got.header.Get("X-Amz-Bucket-Region"); region != "" && region != v.s3.config.Region && only(region, "-") {
		hint = "set upload.region to " + region
	}
	failure := v.answered(got, kind, detail, code)
	failure.Hint = hint
	if id := element(got.body, "RequestId"); id != "" {
		failure.RequestID = v.clean(id)
	}
	return failure
}

// s3Kind names an error code of S3, or the HTTP status of a service that gives
// none, and the next step.
func s3Kind(code string, status int) (fault.Kind, string) {
	switch code {
	case "SlowDown", "ServiceUnavailable", "RequestLimitExceeded":
		return fault.Busy, ""
	case "InternalError", "RequestTimeout", "OperationAborted":
		return fault.Unavailable, ""
	case "RequestTimeTooSkewed":
		return fault.Auth, "set this machine's clock"
	case "ExpiredToken", "TokenRefreshRequired":
		return fault.Auth, "log in again: the session's keys have expired"
	case "AccessDenied", "AllAccessDisabled":
		return fault.Auth, "allow s3:PutObject and s3:GetObject on it for these keys"
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "AccountProblem", "NotSignedUp":
		return fault.Auth, "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the profile"
	case "NoSuchBucket":
		return fault.Usage, "create the bucket, or set upload.bucket"
	case "InvalidBucketName":
		return fault.Usage, "set upload.bucket"
	case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException":
		return fault.Usage, "set upload.region and upload.endpoint to those of the bucket"
	}
	switch {
	case status == http.StatusTooManyRequests:
		return fault.Busy, ""
	case status == http.StatusNotImplemented:
		return fault.Refused, ""
	case status >= http.StatusInternalServerError:
		return fault.Unavailable, ""
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fault.Auth, "check the keys and what they are allowed"
	case status/100 == 3:
		return fault.Usage, "set upload.region and upload.endpoint to those of the bucket; redirects are not followed"
	case status >= http.StatusBadRequest:
		return fault.Refused, ""
	}
	return fault.Answer, "check upload.endpoint"
}

// element is the text of the first element of that name. The documents are
// flat and known; nothing more of XML is wanted from a stranger.
func element(document []byte, name string) string {
	_, rest, ok := strings.Cut(string(document), "<"+name+">")
	if !ok {
		return ""
	}
	text, _, ok := strings.Cut(rest, "</"+name+">")
	if !ok {
		return ""
	}
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'", "&#39;", "'", "&#34;", `"`, "&amp;", "&").Replace(strings.TrimSpace(text))
}
