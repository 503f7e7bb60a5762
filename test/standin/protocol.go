package main

import (
	"fmt"
	"regexp"
)

func protocolVersion(c call) error {
	if c.json() {
		printJSON(map[string]int{"protocol_major": 1, "json_envelope_v": 1})
		return nil
	}
	fmt.Println("protocol.major=1")
	fmt.Println("json.envelope.v=1")
	return nil
}

// canonicalID is a ULID: 26 characters of an alphabet without I, L, O and U, and no more than 128 bits.
var canonicalID = regexp.MustCompile("^[0-7][0-9A-HJKMNP-TV-Z]{25}$")

func protocolValidateID(c call) error {
	if !canonicalID.MatchString(c.options["id"]) && !faulty("any-id-valid") {
		return fail(exitValidation, "%q is no canonical identifier", c.options["id"])
	}
	fmt.Println("canonical_id.valid=true")
	return nil
}
