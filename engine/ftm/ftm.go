// SPDX-License-Identifier: Apache-2.0

// Package ftm is the FollowTheMoney model: entities with properties of many
// values, their schemata as embedded data, and their two published forms, JSON
// lines and statements as CSV, read and written without loss.
//
// It must never decide what is true or who is who: it carries what it was
// given. Entities are plain values; a Model is immutable and safe for
// concurrent use.
package ftm
