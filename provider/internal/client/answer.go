// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// largest is the largest answer that is read as a whole before it is used; Nova's lists have at most 1000 entries.
const largest = 64 << 20

// complete reads an answer in JSON to its end, so that one which breaks off is noticed while it can still be asked for again,
// and refuses a page in HTML that is given as a success.
func complete(response *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	success := response.StatusCode < http.StatusMultipleChoices
	switch {
	case kind == "text/html" && success && strings.Contains(response.Request.Header.Get("Accept"), "json"):
		page, _ := io.ReadAll(io.LimitReader(response.Body, 1<<16))
		_ = response.Body.Close()
		return nil, &PageError{Status: response.StatusCode, Title: title(string(page))}
	case kind != "application/json":
		return response, nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, largest))
	if err != nil {
		_ = response.Body.Close()
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), response.Body), response.Body}
	return response, nil
}

// PageError is a page of HTML where OpenStack would have answered in JSON: a login page or a notice of something between
// the provider and the cloud.
type PageError struct {
	Status int
	Title  string
}

func (e *PageError) Error() string {
	text := fmt.Sprintf("a page of HTML was answered (status %d), so something other than OpenStack is at this address, or in between", e.Status)
	if e.Title != "" {
		text += fmt.Sprintf("; its title is %q", e.Title)
	}
	return text
}

// title is what a page calls itself.
func title(page string) string {
	lower := strings.ToLower(page)
	_, rest, found := strings.Cut(lower, "<title>")
	if !found {
		return ""
	}
	end := strings.Index(rest, "<")
	begin := len(lower) - len(rest)
	if end < 0 || len(lower) != len(page) { // letters whose lower case is longer
		return ""
	}
	return strings.TrimSpace(page[begin : begin+end])
}
