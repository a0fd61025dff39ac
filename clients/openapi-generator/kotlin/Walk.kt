// What an agent desktop does, by the Kotlin client that is generated from the document.

import org.openapitools.client.apis.ProfilesApi
import org.openapitools.client.infrastructure.ApiResponse
import org.openapitools.client.infrastructure.ClientException
import org.openapitools.client.infrastructure.Serializer
import org.openapitools.client.infrastructure.Success
import org.openapitools.client.models.AddressRecordInput
import org.openapitools.client.models.PhoneRecordInput
import org.openapitools.client.models.Profile
import org.openapitools.client.models.ProfileInput
import org.openapitools.client.models.ProfileInputPhoneNumber
import org.openapitools.client.models.ProfilePatch

const val NUMBER = "+1 805 555 0101"

fun main(arguments: Array<String>) {
    walk(ProfilesApi(arguments[0]))
}

fun walk(profiles: ProfilesApi) {
    val bruce = profiles.createProfile(given()).customerId

    val found = query(profiles, bruce)
    same(found.data.phone!![0].phoneNumber, NUMBER)
    same(found.data.address!!.city, "Dayton")

    val tag = found.headers.getValue("etag").single()
    val changed = putBack(found.data).copy(firstName = "Robert")
    same(profiles.updateProfile(bruce, changed, ifMatch = tag).customerId, bruce)
    refused(412) { profiles.updateProfile(bruce, changed, ifMatch = tag) }

    val listed = profiles.identifyProfiles(phoneNumber = listOf(NUMBER))
    same((listed.actualInstance as List<*>).map { (it as Profile).customerId }, listOf(bruce))

    // Null is left out, so that the last name stays.
    profiles.patchProfile(bruce, ProfilePatch(firstName = "Bob", lastName = null))
    val again = query(profiles, bruce).data
    same(again.firstName, "Bob")
    same(again.lastName, "Banner")
    same(again.phone!![0].phoneNumber, NUMBER)

    same(profiles.deleteProfile(bruce).customerId, bruce)
    refused(404) { profiles.queryProfile(bruce) }
}

fun given() = ProfileInput(
    firstName = "Bruce",
    lastName = "Banner",
    phoneNumber = ProfileInputPhoneNumber(listOf(NUMBER)),
    phone = listOf(PhoneRecordInput(phoneNumber = NUMBER, phoneType = 1)),
    address = AddressRecordInput(city = "Dayton"),
)

fun query(profiles: ProfilesApi, id: String): Success<Profile> {
    val extensions =
        listOf(ProfilesApi.ExtensionsQueryProfile.Phone, ProfilesApi.ExtensionsQueryProfile.Address)
    val answer: ApiResponse<Profile?> =
        profiles.queryProfileWithHttpInfo(id, extensions, null, null, null, null)
    @Suppress("UNCHECKED_CAST")
    return answer as Success<Profile>
}

/** What was answered, as it is written. */
fun putBack(answered: Profile): ProfileInput {
    val gson = Serializer.gson
    return gson.fromJson(gson.toJsonTree(answered), ProfileInput::class.java)
}

fun refused(status: Int, call: () -> Unit) {
    try {
        call()
    } catch (error: ClientException) {
        return same(error.statusCode, status)
    }
    error("was not refused with $status")
}

fun same(found: Any?, expected: Any?) = check(found == expected) { "$found instead of $expected" }
