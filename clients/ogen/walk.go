// What an agent desktop does, by the Go client that ogen makes of the document.
package main

import (
	"context"
	"log"
	"os"
	"reflect"

	"walk/profiles"
)

const number = "+1 805 555 0101"

var ctx = context.Background()

func main() {
	client, err := profiles.NewClient(os.Args[1])
	must(err)
	walk(client)
}

func walk(client *profiles.Client) {
	created, err := client.CreateProfile(ctx, given(), profiles.CreateProfileParams{})
	must(err)
	id := as[*profiles.ProfileHeaders](created).Response.CustomerID

	found := as[*profiles.QueryProfileOKHeaders](query(client, id))
	same(found.Response.Phone[0].PhoneNumber.Value, number)
	same(found.Response.Address.Value.City.Value, "Dayton")

	changed := putBack(found.Response)
	changed.FirstName = profiles.NewOptString("Robert")
	as[*profiles.UpdateProfileOKHeaders](update(client, id, &changed, found.ETag))
	refused := as[*profiles.Problem412Headers](update(client, id, &changed, found.ETag))
	same(refused.Response.Code, profiles.Problem412CodePreconditionFailed)

	named, err := client.IdentifyProfiles(
		ctx, profiles.IdentifyProfilesParams{PhoneNumber: []string{number}})
	must(err)
	list := as[*profiles.IdentifiedHeaders](named).Response.ProfileList
	same(len(list), 1)
	same(list[0].CustomerID, id)

	patch := profiles.ProfilePatch{FirstName: profiles.NewOptNilString("Bob")}
	patch.LastName.SetToNull()
	patched, err := client.PatchProfile(
		ctx, &patch, profiles.PatchProfileParams{CustomerID: id})
	must(err)
	as[*profiles.UpdateProfileOKHeaders](patched)
	again := as[*profiles.QueryProfileOKHeaders](query(client, id)).Response
	same(again.FirstName, profiles.NewOptString("Bob"))
	same(again.LastName, profiles.OptString{})
	same(again.Phone[0].PhoneNumber.Value, number)

	deleted, err := client.DeleteProfile(ctx, profiles.DeleteProfileParams{CustomerID: id})
	must(err)
	same(as[*profiles.CustomerReferenceHeaders](deleted).Response.CustomerID, id)
	as[*profiles.Problem404Headers](query(client, id))
}

func given() *profiles.ProfileInput {
	phone := profiles.PhoneRecordInput{
		PhoneNumber: profiles.NewOptString(number),
		PhoneType:   profiles.NewOptInt32(1),
	}
	address := profiles.AddressRecordInput{City: profiles.NewOptString("Dayton")}
	return &profiles.ProfileInput{
		FirstName: profiles.NewOptString("Bruce"),
		LastName:  profiles.NewOptString("Banner"),
		PhoneNumber: profiles.NewOptProfileInputPhoneNumber(
			profiles.NewStringArrayProfileInputPhoneNumber([]string{number})),
		Phone:   profiles.NewOptNilPhoneRecordInputArray([]profiles.PhoneRecordInput{phone}),
		Address: profiles.NewOptNilAddressRecordInput(address),
	}
}

func query(client *profiles.Client, id profiles.CustomerId) profiles.QueryProfileRes {
	found, err := client.QueryProfile(ctx, profiles.QueryProfileParams{
		CustomerID: id,
		Extensions: []profiles.ExtensionsItem{
			profiles.ExtensionsItem_Phone, profiles.ExtensionsItem_Address,
		},
	})
	must(err)
	return found
}

func update(
	client *profiles.Client,
	id profiles.CustomerId,
	profile *profiles.ProfileInput,
	tag string,
) profiles.UpdateProfileRes {
	updated, err := client.UpdateProfile(ctx, profile, profiles.UpdateProfileParams{
		CustomerID: id,
		IfMatch:    profiles.NewOptString(tag),
	})
	must(err)
	return updated
}

// putBack is what was answered, as it is written.
func putBack(answered profiles.Profile) (given profiles.ProfileInput) {
	text, err := answered.MarshalJSON()
	must(err)
	must(given.UnmarshalJSON(text))
	return given
}

// as is answer, which has to be an Expected.
func as[Expected any](answer any) Expected {
	expected, is := answer.(Expected)
	if !is {
		log.Fatalf("%T %+v instead of %T", answer, answer, expected)
	}
	return expected
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
