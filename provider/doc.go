// SPDX-License-Identifier: MPL-2.0

// Package provider is the Terraform provider for OpenStack Nova: its configuration, and the lists of
// what it has. Each noun has a package of its own beside this one.
//
// # To add a resource
//
//  1. Make a package named for the noun, with resource.go (lifecycle), schema.go or a schema in
//     resource.go, and model.go (state to and from Nova). Embed session.Resource for Configure.
//  2. Name it in the lists below. Nothing registers itself.
//  3. Describe each attribute; give Nova's microversion where it is above 2.1, and list the attribute in
//     the package's features, so that a cloud which is too old is an error of the plan.
//  4. Create writes the id to state at once, waits, reads back and sets: state never comes from the plan.
//     What was created after an interruption is removed again. Read of a 404 removes from state, Delete
//     forgives it. Errors go through diagnose.Failure.
//  5. Update is a list of changes {name, changed, apply} in the order in which they have to run.
//  6. Write examples/resources/nova_NOUN/{resource.tf,import.sh} and an acceptance test TestAcc..., then
//     run make generate for the page in docs/. walk_test.go fails while any of these is missing.
//
// # To add a data source
//
// Declare a source.Noun (the one that fits, and all that fit) or a source.Reading (of one thing that is known beforehand) in
// data_source.go of the noun's package: a table of fields, a table of filters, a function that asks. What the cloud is too
// old for is null if it is shown, and an error if it is asked for.
package provider
