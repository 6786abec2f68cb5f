// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// unguarded are actions that nobody asks for of a server that there is: they begin it, or settle what a restart left.
var unguarded = map[string]string{
	"create":    "there is no server before",
	"abandoned": "a recovery's",
	"lost":      "a recovery's",
	"reboot":    "a recovery's, when the machine has come through it",
}

// No action without a guard: each Action in the source of this package names a row of the guards.
func TestEveryActionIsGuarded(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files, found := token.NewFileSet(), 0
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, is := n.(*ast.CompositeLit)
			if name, named := literalType(literal); !is || !named || name != "Action" {
				return true
			}
			found++
			row := or(field(literal, "Guard"), field(literal, "Name"))
			if _, guarded := guards[row]; !guarded && unguarded[row] == "" {
				t.Errorf("%s: no guard %q", files.Position(literal.Pos()), row)
			}
			return true
		})
	}
	if found < 5 {
		t.Errorf("only %d actions were found", found)
	}
}

func literalType(literal *ast.CompositeLit) (string, bool) {
	if literal == nil {
		return "", false
	}
	name, is := literal.Type.(*ast.Ident)
	if !is {
		return "", false
	}
	return name.Name, true
}

// field is what a literal says of a field, if it says it with a string.
func field(literal *ast.CompositeLit, name string) string {
	for _, element := range literal.Elts {
		pair, is := element.(*ast.KeyValueExpr)
		if !is {
			continue
		}
		if key, is := pair.Key.(*ast.Ident); !is || key.Name != name {
			continue
		}
		if value, is := pair.Value.(*ast.BasicLit); is {
			text, _ := strconv.Unquote(value.Value)
			return text
		}
	}
	return ""
}
