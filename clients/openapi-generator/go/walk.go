// What an agent desktop does, by the Go client that is generated from the document.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"reflect"

	profiles "walk/client"
)

const number = "+1 805 555 0101"

var ctx = context.Background()

func main() {
	configuration := profiles.NewConfiguration()
	configuration.Servers = profiles.ServerConfigurations{{URL: os.Args[1]}}
	walk(profiles.NewAPIClient(configuration).ProfilesAPI)
}

func walk(api *profiles.ProfilesAPIService) {
	created, _, err := api.CreateProfile(ctx).ProfileInput(given()).Execute()
	must(err)
	id := created.CustomerId

	found, response, err := query(api, id)
	must(err)
	same(found.Phone[0].GetPhoneNumber(), number)
	same(found.Address.GetCity(), "Dayton")

	tag, changed := response.Header.Get("ETag"), putBack(found)
	changed.SetFirstName("Robert")
	must(update(api, id, changed, tag))
	var refused *profiles.GenericOpenAPIError
	same(errors.As(update(api, id, changed, tag), &refused), true)
	same(refused.Model().(profiles.Problem412).Code, "precondition_failed")

	named, _, err := api.IdentifyProfiles(ctx).PhoneNumber([]string{number}).Execute()
	must(err)
	list := *named.ArrayOfProfile
	same(len(list), 1)
	same(list[0].CustomerId, id)

	patch := profiles.NewProfilePatch()
	patch.SetFirstName("Bob")
	patch.SetLastNameNil()
	_, _, err = api.PatchProfile(ctx, id).ProfilePatch(*patch).Execute()
	must(err)
	again, _, err := query(api, id)
	must(err)
	same(again.GetFirstName(), "Bob")
	same(again.HasLastName(), false)
	same(again.Phone[0].GetPhoneNumber(), number)

	_, _, err = api.DeleteProfile(ctx, id).Execute()
	must(err)
	_, response, err = query(api, id)
	same(err != nil, true)
	same(response.StatusCode, http.StatusNotFound)
}

func given() profiles.ProfileInput {
	phone := profiles.NewPhoneRecordInput()
	phone.SetPhoneNumber(number)
	phone.SetPhoneType(1)
	address := profiles.NewAddressRecordInput()
	address.SetCity("Dayton")
	profile := profiles.NewProfileInput()
	profile.SetFirstName("Bruce")
	profile.SetLastName("Banner")
	profile.SetPhoneNumber(profiles.ProfileInputPhoneNumber{ArrayOfString: &[]string{number}})
	profile.SetPhone([]profiles.PhoneRecordInput{*phone})
	profile.SetAddress(*address)
	return *profile
}

func query(api *profiles.ProfilesAPIService, id string) (*profiles.Profile, *http.Response, error) {
	return api.QueryProfile(ctx, id).Extensions([]string{"Phone", "Address"}).Execute()
}

func update(api *profiles.ProfilesAPIService, id string, profile profiles.ProfileInput, tag string) error {
	_, _, err := api.UpdateProfile(ctx, id).ProfileInput(profile).IfMatch(tag).Execute()
	return err
}

// putBack is what was answered, as it is written.
func putBack(answered *profiles.Profile) (given profiles.ProfileInput) {
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
