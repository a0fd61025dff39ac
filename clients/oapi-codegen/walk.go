// What an agent desktop does, by the Go client that oapi-codegen makes of the document.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"reflect"

	"github.com/oapi-codegen/nullable"

	"walk/profiles"
)

const number = "+1 805 555 0101"

var ctx = context.Background()

func main() {
	client, err := profiles.NewClientWithResponses(os.Args[1])
	must(err)
	walk(client)
}

func walk(client *profiles.ClientWithResponses) {
	created, err := client.CreateProfileWithResponse(ctx, nil, given())
	must(err)
	same(created.StatusCode(), http.StatusCreated)
	id := created.JSON201.CustomerId

	found := query(client, id)
	same(*(*found.JSON200.Phone)[0].PhoneNumber, number)
	same(*found.JSON200.Address.City, "Dayton")

	tag := found.HTTPResponse.Header.Get("ETag")
	changed := putBack(*found.JSON200)
	changed.FirstName = new("Robert")
	same(update(client, id, changed, tag).StatusCode(), http.StatusOK)
	refused := update(client, id, changed, tag)
	same(refused.StatusCode(), http.StatusPreconditionFailed)
	same(refused.ApplicationproblemJSON412.Code, profiles.PreconditionFailed)

	named, err := client.IdentifyProfilesWithResponse(
		ctx, &profiles.IdentifyProfilesParams{PhoneNumber: &[]string{number}})
	must(err)
	list, err := named.JSON200.AsProfileList()
	must(err)
	same(len(list), 1)
	same(list[0].CustomerId, id)

	patched, err := client.PatchProfileWithApplicationMergePatchPlusJSONBodyWithResponse(
		ctx, id, nil, profiles.ProfilePatch{
			FirstName: nullable.NewNullableWithValue("Bob"),
			LastName:  nullable.NewNullNullable[string](),
		})
	must(err)
	same(patched.StatusCode(), http.StatusOK)
	again := query(client, id).JSON200
	same(*again.FirstName, "Bob")
	same(again.LastName, (*string)(nil))
	same(*(*again.Phone)[0].PhoneNumber, number)

	deleted, err := client.DeleteProfileWithResponse(ctx, id, nil)
	must(err)
	same(deleted.StatusCode(), http.StatusOK)
	same(query(client, id).StatusCode(), http.StatusNotFound)
}

func given() profiles.ProfileInput {
	var numbers profiles.ProfileInputPhoneNumber
	must(numbers.FromProfileInputPhoneNumber1([]string{number}))
	return profiles.ProfileInput{
		FirstName:   new("Bruce"),
		LastName:    new("Banner"),
		PhoneNumber: &numbers,
		Phone: nullable.NewNullableWithValue(
			[]profiles.PhoneRecordInput{{PhoneNumber: new(number), PhoneType: new(int32(1))}}),
		Address: nullable.NewNullableWithValue(profiles.AddressRecordInput{City: new("Dayton")}),
	}
}

func query(
	client *profiles.ClientWithResponses, id profiles.CustomerId,
) *profiles.QueryProfileResponse {
	extensions := []string{"Phone", "Address"}
	found, err := client.QueryProfileWithResponse(
		ctx, id, &profiles.QueryProfileParams{Extensions: &extensions})
	must(err)
	return found
}

func update(
	client *profiles.ClientWithResponses,
	id profiles.CustomerId,
	profile profiles.ProfileInput,
	tag string,
) *profiles.UpdateProfileResponse {
	updated, err := client.UpdateProfileWithResponse(
		ctx, id, &profiles.UpdateProfileParams{IfMatch: &tag}, profile)
	must(err)
	return updated
}

// putBack is what was answered, as it is written.
func putBack(answered profiles.Profile) (given profiles.ProfileInput) {
	text, err := json.Marshal(answered)
	must(err)
	must(json.Unmarshal(text, &given))
	return given
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func same(found, expected any) {
	if !reflect.DeepEqual(found, expected) {
		log.Fatalf("%v instead of %v", found, expected)
	}
}
