// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"unicode/utf8"
)

// maxDepth is how deep JSON that a stranger wrote may nest: contents need four
// levels.
const maxDepth = 8

// encodeJSON writes v without white space, fields in the order of the struct,
// and without the escapes of < > & that encoding/json adds for HTML: the bytes
// that JSON.stringify writes.
func encodeJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// decodeExact reads data into v and demands that writing v again gives the
// same bytes, so that a document has one spelling: encoding/json alone takes
// names in any case, doubled fields, missing fields and loose base64.
func decodeExact(data []byte, v any) error {
	err := decodeKnown(data, v)
	if err != nil {
		return err
	}
	again, err := encodeJSON(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, data) {
		return errors.New("the JSON is not in its exact form")
	}
	return nil
}

// decodeStrict is decodeExact for documents with free text, where writers may
// differ in white space and escapes: names, their case, and presence must
// still be exact, and no name may be given twice.
func decodeStrict(data []byte, v any) error {
	given, err := parseTree(data)
	if err != nil {
		return err
	}
	err = decodeKnown(data, v)
	if err != nil {
		return err
	}
	again, err := encodeJSON(v)
	if err != nil {
		return err
	}
	meant, err := parseTree(again)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(given, meant) {
		return errors.New("the JSON has missing or misspelt fields")
	}
	return nil
}

func decodeKnown(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err != nil {
		return err
	}
	_, err = dec.Token()
	if !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON")
	}
	return nil
}

// parseTree reads JSON into maps, slices, strings, json.Numbers and bools. It
// refuses null, doubled names, nesting deeper than maxDepth and bytes that are
// not UTF-8.
func parseTree(data []byte) (any, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("the JSON is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return parseValue(dec, 0)
}

func parseValue(dec *json.Decoder, depth int) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if depth == maxDepth {
			return nil, fmt.Errorf("the JSON nests deeper than %d", maxDepth)
		}
		if t == '{' {
			return parseObject(dec, depth+1)
		}
		return parseArray(dec, depth+1)
	case nil:
		return nil, errors.New("the JSON holds null")
	default:
		return t, nil
	}
}

func parseObject(dec *json.Decoder, depth int) (any, error) {
	object := map[string]any{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string) // the decoder allows only strings as names
		if _, twice := object[name]; twice {
			return nil, fmt.Errorf("the JSON gives %q twice", name)
		}
		object[name], err = parseValue(dec, depth)
		if err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return object, err
}

func parseArray(dec *json.Decoder, depth int) (any, error) {
	array := []any{}
	for dec.More() {
		value, err := parseValue(dec, depth)
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := dec.Token()
	return array, err
}
