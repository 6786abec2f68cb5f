// SPDX-License-Identifier: MPL-2.0

// Package diagnose turns errors into Terraform diagnostics, all in one spelling: what could not be done
// to which object, then the cloud's own message, its HTTP status and the request id to ask the cloud's
// operator about.
package diagnose

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// Failure is the diagnostic `Unable to VERB NOUN "NAME"` with the cause of err: verb is "Create", noun
// is "Server". Without a name the quotes are left out.
func Failure(verb, noun, name string, err error) diag.Diagnostic {
	summary := fmt.Sprintf("Unable to %s %s", verb, noun)
	if name != "" {
		summary += fmt.Sprintf(" %q", name)
	}
	return diag.NewErrorDiagnostic(summary, Cause(err))
}

// Fault is what Nova recorded about a server that failed.
type Fault struct {
	Status  string // the server's status, ERROR as a rule
	Code    int
	Message string
	Details string // the traceback, for administrators only
}

func (f *Fault) Error() string {
	if f.Message == "" {
		return fmt.Sprintf("the server went to status %s, and Nova gives no reason", f.Status)
	}
	text := fmt.Sprintf("the server went to status %s: %s (fault code %d)", f.Status, f.Message, f.Code)
	if f.Details != "" {
		text += "\n\n" + f.Details
	}
	return text
}

// Hinted is an error with what may help against it.
type Hinted struct {
	Err  error
	Hint string
}

func (e *Hinted) Error() string { return e.Err.Error() }

// Unwrap returns the error without the hint.
func (e *Hinted) Unwrap() error { return e.Err }

// Cause says for people what err is about.
func Cause(err error) string {
	var hinted *Hinted
	if errors.As(err, &hinted) {
		return Cause(hinted.Err) + "\n\n" + hinted.Hint
	}
	var refused *client.AuthError
	if errors.As(err, &refused) {
		return fmt.Sprintf("Authentication at %s failed.\n\n%s\n\nSettings used: %s.",
			refused.Address, Cause(refused.Err), refused.Sources)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("It took longer than the time limit: %s. Where there are `timeouts`, they can allow more.", err)
	}
	var reauth *gophercloud.ErrUnableToReauthenticate
	if errors.As(err, &reauth) {
		return "The token is no longer valid, and Keystone gave no new one.\n\n" + Cause(reauth.ErrReauth)
	}
	var code gophercloud.ErrUnexpectedResponseCode
	if !errors.As(err, &code) {
		return withHint(sentence(err.Error()), explain(err.Error()))
	}
	message := Message(code.Body)
	lines := []string{sentence(message), fmt.Sprintf("HTTP status: %d %s (%s %s)",
		code.Actual, http.StatusText(code.Actual), code.Method, code.URL)}
	if id := requestID(code.ResponseHeader); id != "" {
		lines = append(lines, "Request id: "+id)
	}
	hint := explain(message)
	if hint == "" {
		hint = hints[code.Actual]
	}
	return withHint(strings.Join(lines, "\n"), hint)
}

func withHint(text, hint string) string {
	if hint == "" {
		return text
	}
	return text + "\n\n" + hint
}

// hints are what usually helps where the message says nothing that explain knows.
var hints = map[int]string{
	http.StatusUnauthorized: "The cloud does not accept these credentials, or no longer accepts this token.",
	http.StatusForbidden: "The cloud's policy wants another role than this user has in the project, or another scope than the token's. " +
		"`openstack role assignment list --names` shows the roles.",
	http.StatusRequestEntityTooLarge: "The request is larger than the cloud takes, or a quota is used up; user_data may have 65535 bytes in base64.",
	http.StatusTooManyRequests: "The cloud limits how many requests it takes, and went on to refuse after max_retries of the provider. " +
		"Less -parallelism helps, and more max_retries.",
	http.StatusInternalServerError: "Something went wrong inside the cloud; its operators find the request id in the logs.",
	http.StatusServiceUnavailable:  "The service was not available, also not after max_retries of the provider.",
}

// Status is the HTTP status that err reports, 0 if none.
func Status(err error) int {
	var code gophercloud.ErrUnexpectedResponseCode
	if errors.As(err, &code) {
		return code.Actual
	}
	return 0
}

// NotFound is whether err is the cloud's 404.
func NotFound(err error) bool { return Status(err) == http.StatusNotFound }

// Conflict is whether err is the cloud's 409.
func Conflict(err error) bool { return Status(err) == http.StatusConflict }

// Message finds the message in an error body: Nova wraps it in the kind of the error, Keystone in
// "error", Neutron in "NeutronError"; Glance sends HTML or text.
func Message(body []byte) string {
	var wrapped map[string]struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &wrapped) == nil {
		for _, inner := range wrapped {
			if inner.Message != "" {
				return inner.Message
			}
		}
	}
	var plain struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &plain) == nil && plain.Message != "" {
		return plain.Message
	}
	text := strings.TrimSpace(string(body))
	if strings.HasPrefix(text, "<") { // a page of a proxy, or Glance's
		text = strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(text, " "))), " ")
	}
	if text == "" {
		return "the cloud gave no message"
	}
	return text
}

// tags are what is not text in a page, and what is none to read.
var tags = regexp.MustCompile(`(?is)<(style|script|title)\b.*?</(style|script|title)>|<[^>]*>`)

func requestID(header http.Header) string {
	for _, name := range []string{"X-Openstack-Request-Id", "X-Compute-Request-Id"} {
		if id := header.Get(name); id != "" {
			return id
		}
	}
	return ""
}

func sentence(text string) string {
	if text == "" {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.HasSuffix(text, ".") && !strings.Contains(text, "\n") {
		text += "."
	}
	return text
}

// TooOld is the diagnostic about an attribute that the cloud is too old for, and true; or whatever
// other failure err is, and false.
func TooOld(attribute path.Path, err error) diag.Diagnostic {
	var old *client.TooOldError
	if errors.As(err, &old) {
		return diag.NewAttributeErrorDiagnostic(attribute, "Cloud Too Old",
			fmt.Sprintf("%s cannot be used: %s.", attribute, old))
	}
	return diag.NewErrorDiagnostic("Unable to Learn What the Cloud Offers", Cause(err))
}

// Missing is the diagnostic of a search that found nothing.
func Missing(noun, searched string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("No Such "+noun, fmt.Sprintf(
		"There is no %s with %s, or it is not visible to this user and project.", strings.ToLower(noun), searched))
}
