// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// chosen are keys below which a cloud chooses the keys.
var chosen = []string{"metadata", "hosts", "log", "extra_info", "units_by_mb"}

// lacking tells where an answer is without what the example has, or has something of another kind; by where it is.
func lacking(found map[string]string, where string, got, sample any) {
	switch want := sample.(type) {
	case nil:
	case object:
		have, is := got.(object)
		if !is {
			found[where] = fmt.Sprintf("%v is no object", got)
			return
		}
		if slices.Contains(chosen, where[strings.LastIndexByte(where, '/')+1:]) {
			return
		}
		for key := range want {
			if _, there := have[key]; !there {
				found[strings.TrimPrefix(where+"/"+key, "/")] = "is not there"
				continue
			}
			lacking(found, strings.TrimPrefix(where+"/"+key, "/"), have[key], want[key])
		}
	case []any:
		have, is := got.([]any)
		switch {
		case !is:
			found[where] = fmt.Sprintf("%v is no list", got)
		case len(want) > 0 && len(have) == 0:
			found[where] = "is empty"
			lacking(found, where+"/0", object{}, want[0])
		case len(want) > 0:
			maps.Copy(found, leastLacking(where+"/0", have, want[0]))
		}
	default:
		if fmt.Sprintf("%T", got) != fmt.Sprintf("%T", sample) {
			found[where] = fmt.Sprintf("is %v (%T), the document has %T", got, got, sample)
		}
	}
}

// leastLacking is what the one of a list lacks that is most like the example's first.
func leastLacking(where string, got []any, sample any) map[string]string {
	var least map[string]string
	for i, item := range got {
		found := map[string]string{}
		if lacking(found, where, item, sample); i == 0 || len(found) < len(least) {
			least = found
		}
	}
	return least
}

// echoed tells where an answer does not repeat of the request what the document's does.
func echoed(found map[string]string, where string, asked, got, request, answer any) {
	switch request := request.(type) {
	case object:
		a, _ := asked.(object)
		g, _ := got.(object)
		in, _ := answer.(object)
		for key := range request {
			echoed(found, strings.TrimPrefix(where+"/"+key, "/"), a[key], g[key], request[key], in[key])
		}
	case string, float64, bool:
		if request == answer && asked != nil && fmt.Sprint(asked) != fmt.Sprint(got) {
			found[where] = fmt.Sprintf("is %v, and was asked to be %v", got, asked)
		}
	}
}

// gone stands where a key of the document's example is left out.
const gone = "(gone)"

// filledIn is what the document's example asks with the scene's things for its own.
func filledIn(key string, sample, own any) any {
	switch sample := sample.(type) {
	case object:
		if own, is := own.(object); is || own == nil {
			body := object{}
			for k, v := range sample {
				if own[k] != gone {
					body[k] = filledIn(k, v, own[k])
				}
			}
			for k, v := range own {
				if _, there := sample[k]; !there {
					body[k] = v
				}
			}
			return body
		}
	case string:
		if thing := refers[key]; thing != "" && own == nil {
			return thing
		}
	}
	if own != nil {
		return own
	}
	return sample
}

// refers are the keys that name an image or a flavor. The documents have addresses there; the contract lets images be
// named by id alone.
var refers = map[string]string{"imageRef": "$image", "rescue_image_ref": "$image", "flavorRef": "$flavor"}
