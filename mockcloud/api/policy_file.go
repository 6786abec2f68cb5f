// SPDX-License-Identifier: MPL-2.0

package api

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"gopkg.in/yaml.v3"
)

// PolicyFile is what a policy file says in place of a service's defaults.
type PolicyFile struct {
	Path  string
	Rules PolicyRules
	lines map[string]int
}

// ReadPolicyFile reads an oslo.policy file: one object of rules and checks, in YAML or JSON. An error
// names file and line.
func ReadPolicyFile(path string) (*PolicyFile, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("policy file: %w", err)
	}
	file, err := ParsePolicyFile(path, content)
	if err != nil {
		return nil, fmt.Errorf("policy file %w", err)
	}
	return file, nil
}

// ParsePolicyFile reads the content of a policy file; the path is for errors. An empty file overrides
// nothing.
func ParsePolicyFile(path string, content []byte) (*PolicyFile, error) {
	file := &PolicyFile{Path: path, Rules: PolicyRules{}, lines: map[string]int{}}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(document.Content) == 0 {
		return file, nil
	}
	root := document.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return file, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: want an object of rules and their checks", path, root.Line)
	}
	for i := 0; i < len(root.Content); i += 2 {
		name, check := root.Content[i], root.Content[i+1]
		switch _, twice := file.Rules[name.Value]; {
		case name.Kind != yaml.ScalarNode:
			return nil, fmt.Errorf("%s:%d: the name of a rule must be a string", path, name.Line)
		case twice:
			return nil, fmt.Errorf("%s:%d: policy rule %q is here twice", path, name.Line, name.Value)
		case check.Kind != yaml.ScalarNode || check.Tag != "!!str":
			return nil, fmt.Errorf("%s:%d: policy rule %q: its check must be a string", path, check.Line, name.Value)
		}
		file.Rules[name.Value], file.lines[name.Value] = check.Value, check.Line
	}
	return file, nil
}

// Override compiles the rules with those of the file in place of their own. Unknown are the file's rules
// that the service does not have, nor any other rule asks for: misspelt, as likely as not.
func (rules PolicyRules) Override(file *PolicyFile) (policy Policy, unknown []string, err error) {
	all := maps.Clone(rules)
	maps.Copy(all, file.Rules)
	policy, asks, err := all.compile()
	var wrong *RuleError
	if errors.As(err, &wrong) {
		if line, his := file.lines[wrong.Rule]; his {
			return nil, nil, fmt.Errorf("policy file %s:%d: %w", file.Path, line, err)
		}
		return nil, nil, fmt.Errorf("with policy file %s: %w", file.Path, err)
	}
	asked := slices.Concat(slices.Collect(maps.Values(asks))...)
	for _, name := range slices.Sorted(maps.Keys(file.Rules)) {
		if _, known := rules[name]; !known && !slices.Contains(asked, name) {
			unknown = append(unknown, name)
		}
	}
	return policy, unknown, nil
}
